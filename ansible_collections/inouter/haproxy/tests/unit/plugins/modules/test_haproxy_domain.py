# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_domain: add, change, remove; twice; in check mode; and wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

from .conftest import Run

NAME = "haproxy_domain"
SERVER = {
    "slot": 1,
    "name": "pool_1_1",
    "ip": "10.0.0.1",
    "http_port": 80,
    "weight": 1,
    "state": "ready",
}


def test_a_domain_is_added(run: Run, instance: Instance) -> None:
    result = run(NAME, domain="Example.com.", ip="10.0.0.1")
    expected = {
        "changed": True,
        "domain": "example.com",
        "pool": "pool_1",
        "share_with": None,
        "servers": [SERVER],
        "persisted": True,
        "applied": False,
        "verified": False,
        "generation": 2,
    }
    assert {name: result[name] for name in expected} == expected
    assert b"\nexample.com pool_1\n" in files(instance)["domains.map"]


def test_it_is_applied_where_haproxy_runs(run: Run, simulated: Simulated) -> None:
    result = run(NAME, domain="example.com", ip="10.0.0.1")
    assert (result["applied"], result["verified"]) == (True, True)
    assert simulated.slots[1, 1].status == "UP"


@pytest.mark.parametrize(
    "options",
    [
        {"ip": "10.0.0.1"},
        {"ip": "10.0.0.1", "http_port": "8080", "prune": "yes"},
        {"servers": [{"ip": "10.0.0.1"}, {"ip": "::1", "weight": "5", "state": "drain"}]},
        {"ip": "10.0.0.1", "pool": "pool_3"},
        {"share_with": "other.test"},
        {"state": "absent"},
    ],
)
def test_the_second_time_nothing_changes(
    run: Run, instance: Instance, options: dict[str, Any]
) -> None:
    run(NAME, domain="other.test", ip="10.0.0.9")
    run(NAME, domain="example.com", **options)
    before = everything(instance)
    again = run(NAME, domain="example.com", **options)
    assert (again["changed"], again["persisted"], again["diff"]) == (False, True, [])
    assert everything(instance) == before


def test_check_mode_tells_and_changes_nothing(run: Run, instance: Instance) -> None:
    before = everything(instance)
    planned = run(NAME, check=True, domain="example.com", ip="10.0.0.1")
    assert everything(instance) == before
    done = run(NAME, domain="example.com", ip="10.0.0.1")
    same = ("changed", "domain", "pool", "servers", "diff")
    assert [planned[name] for name in same] == [done[name] for name in same]
    assert (planned["persisted"], done["persisted"]) == (False, True)


def test_a_domain_is_removed(run: Run, instance: Instance) -> None:
    before = files(instance)
    run(NAME, domain="example.com", ip="10.0.0.1")
    result = run(NAME, domain="example.com", state="absent")
    assert (result["changed"], result["domain"]) == (True, "example.com")
    assert "pool" not in result and "servers" not in result
    assert files(instance) == before


def test_the_diff_shows_database_and_files(run: Run) -> None:
    parts = run(NAME, domain="example.com", ip="10.0.0.1")["diff"]
    assert [part["after_header"] for part in parts] == ["database", "files"]
    assert parts[0]["after"] == (
        "domain example.com: pool_1\nserver pool_1_1: 10.0.0.1:80 weight 1 ready\n"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain": "a b", "ip": "::1"}, "domain: 'a b' is not a domain"),
        ({"domain": "a.test"}, "a.test is new and would have no server"),
        ({"domain": "a.test", "ip": "x"}, "ip: 'x' is not an IP address"),
        ({"domain": "a.test", "ip": "::1", "http_port": "8e1"}, "http_port: '8e1' is not a whole"),
        ({"domain": "a.test", "ip": "::1", "http_port": 99999}, "http_port: 99999 is out of range"),
        ({"domain": "a.test", "ip": "::1", "servers": []}, "parameters are mutually exclusive"),
        ({"domain": "a.test", "ip": "::1", "share_with": "b"}, "parameters are mutually exclusive"),
        ({"ip": "::1"}, "missing required arguments: domain"),
        ({"domain": "a.test", "state": "gone"}, "value of state must be one of: present, absent"),
        (
            {"domain": "a.test", "ip": "::1", "base_dir": "/no where"},
            "base_dir: '/no where' cannot",
        ),
    ],
)
def test_errors(run: Run, instance: Instance, options: dict[str, Any], words: str) -> None:
    before = everything(instance)
    result = run(NAME, **options)
    assert result["failed"]
    assert result["msg"].startswith(words)
    assert everything(instance) == before


def test_somebody_else_is_writing(run: Run, instance: Instance) -> None:
    with instance.lock("haproxy_state"):
        result = run(NAME, domain="example.com", ip="10.0.0.1")
    assert result["failed"] and "by haproxy_state of" in result["msg"]
