# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_stats_info."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_stats_info"


@pytest.mark.parametrize("check", [False, True])
def test_statistics(run: Run, instance: Instance, simulated: Simulated, check: bool) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    before = everything(instance)
    result = run(NAME, check)
    assert (result["process"]["Version"], result["changed"]) == ("3.2.26-1", False)
    assert [row["svname"] for row in result["servers"]] == ["pool_1_1"]
    assert result["connections"] == {"pool_1_1": 0}
    assert everything(instance) == before


def test_no_haproxy(run: Run) -> None:
    result = run(NAME)
    assert result["failed"] and result["msg"].startswith("No HAProxy listens at")


def test_an_address_of_its_own(run: Run) -> None:
    result = run(NAME, runtime_api="/nowhere/admin.sock")
    assert result["failed"] and "at /nowhere/admin.sock" in result["msg"]
