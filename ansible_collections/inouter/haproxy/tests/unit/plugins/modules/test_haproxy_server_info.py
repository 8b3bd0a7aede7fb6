# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_server_info."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_server_info"


@pytest.fixture(autouse=True)
def domain(run: Run, instance: Instance) -> None:
    run("haproxy_domain", domain="a.test", servers=[{"ip": "10.0.0.1"}, {"ip": "::1", "slot": 3}])


@pytest.mark.parametrize("check", [False, True])
def test_with_no_haproxy(run: Run, instance: Instance, check: bool) -> None:
    before = everything(instance)
    result = run(NAME, check, domain="A.Test")
    assert (result["domain"], result["pool"], result["free_slots"]) == ("a.test", "pool_1", [2])
    assert [server["status"] for server in result["servers"]] == [None, None]
    assert result["changed"] is False
    assert everything(instance) == before


def test_with_haproxy(run: Run, simulated: Simulated) -> None:
    run("haproxy_state")
    servers = run(NAME, domain="a.test")["servers"]
    found = [(server["name"], server["status"], server["connections"]) for server in servers]
    assert found == [("pool_1_1", "UP", 0), ("pool_1_3", "UP", 0)]


def test_errors(run: Run) -> None:
    result = run(NAME, domain="no.test")
    assert result["failed"]
    assert result["msg"].startswith("domain: 'no.test' is not a domain of this instance")
    assert run(NAME)["msg"].startswith("missing required arguments: domain")
