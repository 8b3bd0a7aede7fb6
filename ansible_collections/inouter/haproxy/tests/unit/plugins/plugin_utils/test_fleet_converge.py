# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host of a fleet is right, and the report of those who took from it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.plugin_utils import fleet_converge

LOST = {"unreachable": True, "msg": "no route"}
NOTHING = "0" * 32


def seen(lineage: str, running: bool = True, converged: bool = True) -> dict[str, Any]:
    """A host whose lineage is one letter for each digest, newest first."""
    digests = [NOTHING if letter == "0" else letter for letter in lineage]
    standing = {"generation": 4, "running": running, "lineage": digests}
    return {"standing": standing, "drift": {"converged": converged}}


def host(lineage: str, **facts: bool) -> dict[str, Any]:
    return {"start": seen(lineage, **facts)}


@pytest.mark.parametrize(
    ("lineages", "right"),
    [
        (["ba", "ba"], 0),
        (["a", "cba"], 1),
        (["ba", "cba", "a"], 1),
        (["0", "cb"], 1),
        (["aba", "a"], 0),
        (["ba", "aba"], 1),
        (["ba", "ca"], None),
        (["ba", "ab"], None),
        (["ba", "c0"], None),
        (["b0", "0"], 0),
    ],
    ids=str,
)
def test_source(lineages: list[str], right: int | None) -> None:
    hosts = {f"lb{n}": host(lineage) for n, lineage in enumerate(lineages)}
    name, reason = fleet_converge.source(hosts)
    assert name == ("" if right is None else f"lb{right}")
    assert ("fleet_source" in reason) == (right is None)


def test_a_host_that_is_not_healthy_is_no_source() -> None:
    for facts in ({"running": False}, {"converged": False}):
        assert fleet_converge.source({"lb1": host("a", **facts), "lb2": host("a")})[0] == "lb2"
        # It has changes that the healthy one lacks, which must not be lost.
        assert fleet_converge.source({"lb1": host("ba", **facts), "lb2": host("a")})[0] == ""
    assert fleet_converge.source({"lb1": {"start": LOST}, "lb2": host("a")})[0] == "lb2"
    assert "No host is healthy" in fleet_converge.source({"lb1": {"start": LOST}})[1]


def test_wanted_source() -> None:
    hosts = {"lb1": host("ba"), "lb2": host("ca"), "lb3": host("a", running=False)}
    assert fleet_converge.source(hosts, "lb2") == ("lb2", "")
    assert "lb3 is not healthy: HAProxy does not run" in fleet_converge.source(hosts, "lb3")[1]
    assert "not one of the hosts lb1, lb2, lb3" in fleet_converge.source(hosts, "lb4")[1]


def test_report() -> None:
    done, planned = {"persisted": True}, {"persisted": False}
    hosts: dict[str, Any] = {
        "right": host("ba"),
        "same": host("ba"),
        "caught": {**host("a"), "applied": [done], "end": seen("ba")},
        "late": {**host("a"), "applied": [done], "end": seen("ba", running=False)},
        "would": {**host("a"), "applied": [planned], "end": seen("a")},
        "refused": {**host("a"), "applied": [{"failed": True, "msg": "It needs pool_9."}]},
        "still": {**host("a"), "applied": [done], "end": seen("ca")},
        "lost": {"start": LOST},
    }
    found = {entry.pop("host"): entry for entry in fleet_converge.report(hosts, "right")}
    assert {name: (e["outcome"], e["ok"], e["verified"]) for name, e in found.items()} == {
        "right": ("right", True, True),
        "same": ("same", True, True),
        "caught": ("caught_up", True, True),
        "late": ("caught_up", True, False),
        "would": ("would_catch_up", True, False),
        "refused": ("refused", False, False),
        "still": ("refused", False, False),
        "lost": ("unreachable", False, None),
    }
    assert found["late"]["persisted"] and found["refused"]["message"] == "It needs pool_9."
    assert found["lost"]["message"] == "It could not be reached: no route"
