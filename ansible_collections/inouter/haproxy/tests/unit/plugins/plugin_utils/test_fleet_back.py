# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host of a fleet has to go back, and whether somebody else has changed it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.plugin_utils import fleet_back

Values = dict[str, Any]

DOMAIN = {"module": "haproxy_domain", "options": {"domain": "a.test"}}
REMOVAL = {"module": "haproxy_server", "options": {"domain": "a.test", "state": "absent"}}
CHANGED = {"changed": True, "generation": 5}
SAME = {"changed": False, "generation": 4}
REFUSED = {"failed": True, "changed": False, "msg": "Refused."}
CUT = {"unreachable": True, "changed": False, "msg": "Connection lost."}
KILLED = {"failed": True, "changed": False, "module_stdout": "", "msg": "MODULE FAILURE"}
OURS = [{"kind": "domain", "name": "a.test", "before": None, "after": {"pool": 1}}]
THEIRS = [{"kind": "domain", "name": "b.test", "before": None, "after": {"pool": 1}}]
SERVER = {"ip": "10.0.0.1", "state": "ready"}
DRAINED = {**SERVER, "state": "drain"}
NOTHING, BACK, REFUSAL = (False, False), (True, False), (True, True)


def row(generation: int, changes: Any = None, **other: Any) -> Values:
    made = {"generation": generation, "action": "haproxy_domain", "outcome": "done"}
    return {**made, "changes": OURS if changes is None else changes, **other}


def pool(after: Values, number: int = 1) -> list[Values]:
    return [{"kind": "pool", "name": number, "before": {"1": SERVER, "2": SERVER}, "after": after}]


def host(*since: Values, applied: list[Values], verified: Any = ()) -> Values:
    return {
        "start": {"standing": {"generation": 4}},
        "checked": [{"pool": "pool_1"}] * 2,
        "applied": applied,
        "verified": list(verified),
        "past": {"history": [*since, row(4)][: 2 * len(applied) + 1]},
    }


def found(one: Values, *changes: Values, **peers: Values) -> tuple[bool, bool]:
    answer = fleet_back.going_back({"lb1": one, **peers}, "lb1", list(changes or (DOMAIN,)))
    return answer["needed"], answer["needed"] and answer["foreign"]


@pytest.mark.parametrize("result", [REFUSED, SAME], ids=["refused", "unchanged"])
def test_only_somebody_else_wrote(result: Values) -> None:
    assert found(host(row(5), applied=[result])) == NOTHING
    assert found(host(row(6), row(5), row(4), applied=[result])) == NOTHING
    assert found(host(applied=[result])) == NOTHING


def test_own_rows() -> None:
    assert found(host(row(5), applied=[CHANGED])) == BACK
    two = [CHANGED, {**CHANGED, "generation": 6}]
    made = host(row(6), row(5), applied=two, verified=[{"generation": 5}, {"generation": 6}])
    assert found(made, DOMAIN, DOMAIN) == BACK
    late = host(row(6), row(5), applied=[CHANGED, REFUSED], verified=[{"generation": 5}])
    assert found(late, DOMAIN, DOMAIN) == REFUSAL


def test_somebody_else_wrote_as_well() -> None:
    assert found(host(row(6), row(5), applied=[CHANGED])) == REFUSAL
    assert found(host(row(6, outcome="refused"), row(5), applied=[CHANGED])) == BACK


def test_history_that_does_not_reach_to_the_start() -> None:
    many = [row(n, outcome="refused") for n in (9, 8, 7)]
    assert found(host(*many, row(6), row(5), applied=[CHANGED])) == REFUSAL


@pytest.mark.parametrize("result", [CUT, KILLED], ids=["cut", "killed"])
def test_end_that_nobody_knows(result: Values) -> None:
    peer = host(row(5), applied=[CHANGED])
    assert found(host(applied=[result]), lb2=peer) == BACK
    assert found(host(row(5), applied=[result]), lb2=peer) == BACK
    assert found(host(row(5), applied=[result])) == BACK
    assert found(host(row(5, THEIRS), applied=[result]), lb2=peer) == REFUSAL
    assert found(host(row(5, action="haproxy_cert"), applied=[result])) == REFUSAL
    assert found(host(row(6), row(5), applied=[result]), lb2=peer) == REFUSAL


def test_failed_write_that_could_not_go_back() -> None:
    assert found(host(row(5, outcome="pending"), applied=[REFUSED])) == BACK
    assert found(host(row(5, outcome="refused"), applied=[REFUSED])) == NOTHING


def test_servers_that_were_drained_first() -> None:
    drain = row(5, pool({"1": SERVER, "2": DRAINED}), action="haproxy_server")
    removal = row(6, pool({"1": SERVER}), action="haproxy_server")
    done = {**CHANGED, "generation": 6}
    assert found(host(drain, applied=[REFUSED]), REMOVAL) == BACK
    assert found(host(drain, applied=[SAME]), REMOVAL) == NOTHING
    assert found(host(removal, drain, applied=[done]), REMOVAL) == BACK
    for changes in (pool({"1": SERVER}), pool({"1": DRAINED, "2": SERVER}, 2), OURS):
        other = {**drain, "changes": changes}
        assert found(host(other, applied=[REFUSED]), REMOVAL) == NOTHING
