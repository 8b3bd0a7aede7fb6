# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_domains: a list, twice, pruned, in check mode, and wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

from .conftest import Run

NAME = "haproxy_domains"
LIST: list[dict[str, Any]] = [
    {"domain": "b.test", "share_with": "A.Test."},
    {"domain": "a.test", "servers": [{"ip": "10.0.0.1", "weight": "5"}, {"ip": "::1", "slot": 3}]},
    {"domain": "*.c.test", "ip": "10.0.0.2", "http_port": "8080", "pool": "pool_4"},
]


def test_a_list_is_served(run: Run, instance: Instance, simulated: Simulated) -> None:
    result = run(NAME, domains=LIST)
    assert result["counts"] == {"added": 3, "changed": 0, "removed": 0, "unchanged": 0}
    assert (result["changed"], result["applied"], result["verified"]) == (True, True, True)
    assert b"\na.test pool_1\nb.test pool_1\n" in files(instance)["domains.map"]
    assert {key for key, slot in simulated.slots.items() if slot.serves} == {
        (1, 1),
        (1, 3),
        (4, 1),
    }


@pytest.mark.parametrize("prune", [False, True])
def test_the_second_time_nothing_changes(run: Run, instance: Instance, prune: bool) -> None:
    run(NAME, domains=LIST, prune=prune)
    before = everything(instance)
    again = run(NAME, domains=LIST, prune=prune)
    assert (again["changed"], again["persisted"], again["diff"]) == (False, True, [])
    assert everything(instance) == before


def test_check_mode_tells_and_changes_nothing(run: Run, instance: Instance) -> None:
    before = everything(instance)
    planned = run(NAME, check=True, domains=LIST, prune=True)
    assert everything(instance) == before
    done = run(NAME, domains=LIST, prune=True)
    same = ("changed", "counts", "removed", "diff")
    assert [planned[name] for name in same] == [done[name] for name in same]


def test_what_is_not_listed_goes_with_prune_alone(run: Run) -> None:
    run(NAME, domains=LIST)
    assert not run(NAME, domains=LIST[1:2])["changed"]
    result = run(NAME, domains=LIST[1:2], prune=True, prune_limit=67)
    assert result["removed"] == ["*.c.test", "b.test"]
    assert result["counts"] == {"added": 0, "changed": 0, "removed": 2, "unchanged": 1}
    assert result["diff"][0]["before"].startswith("domain *.c.test: pool_4\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domains": [LIST[0], LIST[0]]}, "domains[1].domain: 'b.test' is in domains[0] too"),
        ({"domains": [{"ip": "::1"}]}, "missing required arguments: domain found in domains"),
        ({"domains": [{"domain": "a b"}]}, "domains[0].domain: 'a b' is not a domain"),
        (
            {"domains": [{"domain": "a.test", "servers": [{"ip": "::1", "weight": "+1"}]}]},
            "domains[0].servers[0].weight: '+1' is not a whole number",
        ),
        ({"domains": [], "prune": True, "prune_limit": 101}, "prune_limit: 101 is out of range"),
        ({"domains": [], "prune": True}, "prune: 1 of 1 domains (100 %) are not in the list"),
        ({}, "missing required arguments: domains"),
    ],
)
def test_errors(run: Run, instance: Instance, options: dict[str, Any], words: str) -> None:
    run("haproxy_domain", domain="kept.test", ip="10.0.0.9")
    before = everything(instance)
    result = run(NAME, **options)
    assert result["failed"]
    assert result["msg"].startswith(words)
    assert everything(instance) == before


def test_a_key_is_not_shown(run: Run) -> None:
    certificate = {"content": "SECRET-CERTIFICATE", "key_content": "SECRET-KEY"}
    result = run(NAME, domains=[{"domain": "a.test", "ip": "::1", "certificates": [certificate]}])
    assert result["failed"] and "SECRET" not in str(result)
