# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_cert_info."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.tests.unit.support.secured import (
    Bring,
    PayloadServer,
    Secured,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_cert_info"


@pytest.fixture(autouse=True)
def two(run: Run, instance: Instance) -> None:
    """Let the instance have two certificates."""
    run("haproxy_instance", https="127.0.0.1:443")
    write(instance, "test", Bring(a=1, b=1))


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["a.test", "b.test"]),
        ({"names": ["B.Test.", "no.test"]}, ["b.test"]),
        ({"names": "a.test,b.test"}, ["a.test", "b.test"]),
        ({"names": []}, []),
        ({"expiring_within": 14}, []),
        ({"expiring_within": 999999}, ["a.test", "b.test"]),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_certificates(
    run: Run, instance: Instance, options: dict[str, Any], names: list[str], check: bool
) -> None:
    before = everything(instance)
    result = run(NAME, check, **options)
    assert [item["name"] for item in result["certificates"]] == names
    assert result["changed"] is False
    assert everything(instance) == before


def test_one_certificate(run: Run, instance: Instance) -> None:
    (shown,) = run(NAME, names=["a.test"])["certificates"]
    assert shown["where"] == {"database": True, "disk": True, "haproxy": None}
    assert (shown["agrees"], shown["file"]) == (True, "a.test.ecdsa.pem")


def test_what_haproxy_lacks_and_what_is_damaged(run: Run, instance: Instance) -> None:
    Path(instance.paths.certs, "a.test.ecdsa.pem").write_bytes(b"")
    played = Secured(instance.paths.conf, 4, 3)
    path = f"{instance.paths.certs}/b.test.ecdsa.pem"
    played.hold(path, Path(path).read_bytes())
    with PayloadServer(instance.paths.admin_socket, played):
        found = run(NAME)["certificates"]
    where = [(item["where"]["disk"], item["where"]["haproxy"], item["agrees"]) for item in found]
    assert where == [(False, False, False), (True, True, True)]


def test_errors(run: Run) -> None:
    result = run(NAME, names=["a b"])
    assert result["failed"] and result["msg"].startswith("names: 'a b' is not a domain")
    result = run(NAME, expiring_within="1e3")
    assert result["failed"] and result["msg"].startswith("expiring_within: '1e3' is not a whole")
    result = run(NAME, base_dir="/nowhere")
    assert result["failed"] and "There is no database at /nowhere/conf" in result["msg"]
