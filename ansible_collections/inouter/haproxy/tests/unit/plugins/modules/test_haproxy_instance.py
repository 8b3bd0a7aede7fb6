# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_instance: a host is set up once, and changed later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_instance"
SETTINGS = {
    "pool_count": 4,
    "pool_slots": 3,
    "haproxy_conf": "",
    "haproxy_binary": "haproxy",
    "haproxy_container": "",
    "haproxy_certs": "",
    "https": "",
    "acme_thumbprint": "",
    "pool_profiles": "",
    "runtime_pools": 0,
}


def test_a_new_host(run: Run, tmp_path: Path) -> None:
    base_dir = str(tmp_path / "new")
    result = run(NAME, base_dir=base_dir, pool_count="4", pool_slots=3)
    assert (result["changed"], result["persisted"], result["applied"]) == (True, True, False)
    assert (result["settings"], result["reload_needed"]) == (SETTINGS, False)
    again = run(NAME, base_dir=base_dir, pool_count=4)
    assert (again["changed"], again["settings"], again["diff"]) == (False, SETTINGS, [])


def test_a_new_host_gets_100_pools_of_10_slots(run: Run, tmp_path: Path) -> None:
    settings = run(NAME, base_dir=str(tmp_path / "new"))["settings"]
    assert (settings["pool_count"], settings["pool_slots"]) == (100, 10)


def test_check_mode_of_a_new_host(run: Run, tmp_path: Path) -> None:
    result = run(NAME, check=True, base_dir=str(tmp_path / "new"))
    assert (result["changed"], result["persisted"], result["reload_needed"]) == (True, False, False)
    assert not os.path.exists(tmp_path / "new")


def test_check_mode_tells_and_changes_nothing(run: Run, instance: Instance) -> None:
    before = everything(instance)
    result = run(NAME, check=True, pool_count=5)
    assert (result["changed"], result["settings"]["pool_count"]) == (True, 5)
    assert everything(instance) == before
    assert not run(NAME, check=True, pool_count=4)["changed"]


def test_more_pools_need_a_reload(run: Run, simulated: Simulated) -> None:
    assert not run(NAME)["reload_needed"]
    assert run(NAME, pool_count=5)["reload_needed"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pool_count": 3}, "pool_count: 3 is less than the 4 pools that exist"),
        ({"pool_slots": 2}, "pool_slots: 2 is less than the 3 slots"),
        ({"pool_count": 0}, "pool_count: 0 is out of range"),
        ({"pool_count": "1e2"}, "pool_count: '1e2' is not a whole number"),
        ({"haproxy_conf": "/a b"}, "haproxy_conf: '/a b' cannot be used"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_errors(
    run: Run, instance: Instance, options: dict[str, Any], words: str, check: bool
) -> None:
    before = everything(instance)
    result = run(NAME, check, **options)
    assert result["failed"]
    assert result["msg"].startswith(words)
    assert everything(instance) == before
