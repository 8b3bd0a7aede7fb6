# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_server: add, change, drain, remove; twice; in check mode; and wrongly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_server"


@pytest.fixture(autouse=True)
def domain(run: Run, instance: Instance) -> None:
    run("haproxy_domain", domain="example.com", servers=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}])


def test_a_server_is_added(run: Run) -> None:
    result = run(NAME, domain="Example.com", ip="10.0.0.3", http_port=8080, weight=5)
    assert (result["changed"], result["domain"], result["pool"]) == (True, "example.com", "pool_1")
    assert (result["persisted"], result["applied"], result["verified"]) == (True, False, False)
    assert [server["ip"] for server in result["servers"]] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert (result["servers"][2]["http_port"], result["servers"][2]["weight"]) == (8080, 5)


@pytest.mark.parametrize("state", ["ready", "drain", "maint"])
def test_all_servers_get_a_state(run: Run, state: str) -> None:
    result = run(NAME, domain="example.com", state=state)
    assert {server["state"] for server in result["servers"]} == {state}
    assert result["changed"] is (state != "ready")


def test_a_server_is_removed(run: Run) -> None:
    result = run(NAME, domain="example.com", state="absent", ip="10.0.0.1")
    assert [server["slot"] for server in result["servers"]] == [2]


@pytest.mark.parametrize(
    "options",
    [
        {"ip": "10.0.0.3"},
        {"slot": 2, "weight": 0},
        {"state": "maint"},
        {"state": "absent", "slot": 1},
        {"state": "absent", "slot": 1, "wait_drain": True},
        {"state": "drain", "wait_drain": True},
        {"servers": [{"ip": "10.0.0.1", "weight": 7}, {"slot": 3, "ip": "::1"}]},
    ],
)
def test_the_second_time_nothing_changes(
    run: Run, instance: Instance, options: dict[str, Any]
) -> None:
    assert run(NAME, domain="example.com", **options)["changed"]
    before = everything(instance)
    again = run(NAME, domain="example.com", **options)
    assert (again["changed"], again["persisted"], again["diff"]) == (False, True, [])
    assert everything(instance) == before


def test_maint_with_wait_drain_the_second_time_changes_nothing(run: Run) -> None:
    assert run(NAME, domain="example.com", state="maint", wait_drain=True)["changed"]
    assert not run(NAME, domain="example.com", state="maint", wait_drain=True)["changed"]


@pytest.mark.parametrize("wait", [False, True])
def test_check_mode_tells_and_changes_nothing(run: Run, instance: Instance, wait: bool) -> None:
    before = everything(instance)
    options: dict[str, Any] = {
        "domain": "example.com",
        "state": "absent",
        "slot": 1,
        "wait_drain": wait,
    }
    planned = run(NAME, check=True, **options)
    assert everything(instance) == before
    done = run(NAME, **options)
    same = ("changed", "servers", "diff")
    assert [planned[name] for name in same] == [done[name] for name in same]


def test_requests_that_do_not_end_in_time(run: Run, simulated: Simulated) -> None:
    run("haproxy_state")
    simulated.slots[1, 1] = replace(simulated.slots[1, 1], running=True, sessions=3)
    options: dict[str, Any] = {"state": "absent", "slot": 1, "wait_drain": True, "drain_timeout": 0}
    result = run(NAME, domain="example.com", **options)
    assert result["failed"]
    assert result["msg"].startswith("Requests were still under way after 0 s (pool_1_1: 3).")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain": "no.test", "ip": "::1"}, "domain: 'no.test' is not a domain of this instance"),
        ({"domain": "example.com"}, "state=present needs to know which server of example.com"),
        ({"domain": "example.com", "slot": 3}, "slot: 3 is a free slot"),
        ({"domain": "example.com", "slot": "+1"}, "slot: '+1' is not a whole number"),
        ({"domain": "example.com", "slot": 1, "weight": 257}, "weight: 257 is out of range"),
        (
            {"domain": "example.com", "ip": "::1", "servers": []},
            "parameters are mutually exclusive",
        ),
        ({"domain": "example.com", "slot": 1, "servers": []}, "parameters are mutually exclusive"),
        ({"domain": "example.com", "servers": [{"weight": "1e1"}]}, "servers[0].weight: '1e1' is"),
    ],
)
def test_errors(run: Run, instance: Instance, options: dict[str, Any], words: str) -> None:
    before = everything(instance)
    result = run(NAME, **options)
    assert result["failed"]
    assert result["msg"].startswith(words)
    assert everything(instance) == before
