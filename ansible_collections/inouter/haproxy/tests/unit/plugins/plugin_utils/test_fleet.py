# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a problem in a fleet, and the report of a change."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.plugin_utils import fleet, fleet_report

LOST = {"unreachable": True, "msg": "ssh:  no route\n"}
REFUSED = {"failed": True, "msg": "No space left."}
PLANNED = {"changed": False, "persisted": False, "verified": False, "generation": 4}
PRESENT = {"persisted": True, "applied": True, "verified": True, "generation": 5, "changed": False}
CHANGED = {**PRESENT, "changed": True}
STOPPED = {**PRESENT, "verified": False, "applied": False}

Host = dict[str, Any]


def host(head: str = "a", running: bool = True, **steps: Any) -> Host:
    standing = {"generation": 4, "running": running, "lineage": [head]}
    return {"start": {"standing": standing}, "checked": [PLANNED], **steps}


def made(*, end: str = "b", **steps: Any) -> Host:
    seen = {"standing": {"generation": 5, "running": True, "lineage": [end]}}
    return host(applied=[CHANGED], verified=[PRESENT], end=seen, **steps)


def outcomes(all_or_nothing: bool = True, **hosts: Host) -> dict[str, str]:
    return {e["host"]: e["outcome"] for e in fleet_report.report(hosts, all_or_nothing)}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({"start": LOST}, "It could not be reached: ssh: no route"),
        ({"checked": [REFUSED]}, "No space left."),
        ({"applied": [CHANGED, REFUSED]}, "No space left."),
        ({"applied": [{"failed": True}]}, "The task failed and says no more."),
        ({"verified": [STOPPED]}, "but HAProxy does not run there."),
        ({"verified": [PLANNED]}, "it is not there any more."),
        ({"end": LOST}, "It could not be reached"),
    ],
    ids=str,
)
def test_problems(steps: Host, words: str) -> None:
    for all_or_nothing in (True, False):
        found = fleet.problems({"lb1": host(), "lb2": {**host(), **steps}}, all_or_nothing)
        assert list(found) == ["lb2"] and words in found["lb2"]


def test_some_problems_matter_where_all_have_to_follow() -> None:
    for other in (host(running=False), host(head="z")):
        hosts = {"lb1": host(), "lb2": other}
        assert list(fleet.problems(hosts, True)) == ["lb2"]
        assert fleet.problems(hosts, False) == {}


def test_hosts_that_chose_different_pools_are_found() -> None:
    hosts = {"lb1": made(), "lb2": made(end="c"), "lb3": made()}
    assert "does not serve the same as lb1" in fleet.problems(hosts, True)["lb2"]


def test_outcomes() -> None:
    assert outcomes(lb1=made(), lb2=made()) == {"lb1": "done", "lb2": "done"}
    assert outcomes(lb1=host(), lb2=host()) == {"lb1": "would_change", "lb2": "would_change"}
    assert outcomes(lb1=host(checked=[PRESENT])) == {"lb1": "unchanged"}
    assert outcomes(lb1=host(), lb2=host(checked=[REFUSED])) == {
        "lb1": "not_tried",
        "lb2": "refused",
    }
    refused = host(applied=[REFUSED])
    assert outcomes(False, lb1=made(), lb2=refused, lb3=host(start=LOST)) == {
        "lb1": "done",
        "lb2": "refused",
        "lb3": "unreachable",
    }
    untouched = host(applied=[REFUSED], back={"changed": False})
    found = outcomes(lb1=made(back=CHANGED), lb2=untouched, lb3=made(back=LOST))
    assert found == {"lb1": "went_back", "lb2": "refused", "lb3": "not_back"}
    same = host(checked=[PRESENT], applied=[PRESENT], verified=[PRESENT])
    assert outcomes(lb1=same, lb2=refused) == {"lb1": "not_tried", "lb2": "refused"}
    assert outcomes(lb1=same) == {"lb1": "unchanged"}


def test_entries_say_what_is_known() -> None:
    hosts = {"lb1": made(back=CHANGED), "lb2": made(back=LOST, **{"end": "b"})}
    hosts["lb3"] = host(applied=[REFUSED], back={"changed": False})
    one, two, _three = fleet_report.report(hosts, True)
    sides = ("persisted", "applied", "verified")
    assert [one[side] for side in sides] == [False] * 3 and not one["ok"]
    assert [two[side] for side in sides] == [None] * 3
    assert one["message"] == (
        "lb3 could not follow. The change was taken back: it serves what it did before."
    )
    assert two["message"].endswith("It could not be reached: ssh: no route")
    first, second, _third = fleet_report.told([one, two, _three])
    assert first.startswith("lb1: not persisted, not applied, not verified, at generation 5. ")
    assert second.startswith("lb2: persisted unknown, applied unknown, verified unknown, at ")


def test_stopped_host_keeps_the_change_where_others_may_go_on() -> None:
    late = host(running=False, applied=[{**CHANGED, "applied": False}], verified=[STOPPED])
    one, two = fleet_report.report({"lb1": made(), "lb2": late}, False)
    assert one["ok"] and not two["ok"]
    assert (two["persisted"], two["applied"], two["verified"]) == (True, False, False)


@pytest.mark.parametrize(
    ("module", "options", "needed"),
    [
        ("haproxy_domain", {"domain": "a.test", "ip": "::1"}, True),
        ("haproxy_domain", {"domain": "a.test", "pool": "pool_2"}, False),
        ("haproxy_domain", {"domain": "a.test", "share_with": "b.test"}, False),
        ("haproxy_domain", {"domain": "a.test", "state": "absent"}, False),
        ("haproxy_server", {"domain": "a.test"}, False),
    ],
    ids=str,
)
def test_the_pool_that_one_host_chose(module: str, options: Host, needed: bool) -> None:
    change = {"module": module, "options": options}
    assert fleet.needs_pool(change) == needed
    chosen = fleet.options(change, {"pool": "pool_7", "share_with": None})
    assert chosen == ({**options, "pool": "pool_7"} if needed else options)
    assert fleet.options(change, {"pool": "pool_7", "share_with": "b.test"}) == options
    assert fleet.options(change, {"skipped": True}) == options
