# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No domain's requests meet the servers of the domain that takes its pool."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import succession
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import Difference
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.succession import (
    Settling,
    in_turn,
    leaving,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import RuntimeApi

Pools = dict[str, int]


def slot(pool: int, name: str, before: str | None = None) -> Difference:
    """A slot that gets the server of this name."""
    held = Server(before) if before else None
    return Difference("runtime", "slot", (pool, 1), held, Server(name))


def route(name: str, before: int | None, after: int | None) -> Difference:
    """A domain that goes from a pool to another."""
    pools = [None if pool is None else f"pool_{pool}" for pool in (before, after)]
    return Difference("runtime", "route", name, *pools)


def test_a_chain() -> None:
    slots = [slot(1, "a", "b"), slot(2, "b", "c"), slot(3, "c")]
    routes = [route("b", 1, 2), route("c", 2, 3), route("a", None, 1)]
    left = leaving(slots, routes)
    assert left == {"pool_1": [routes[0]], "pool_2": [routes[1]]}
    found = [d if isinstance(d, Settling) else d.key for d in in_turn(slots, left)]
    assert found == [(3, 1), "c", Settling(), (2, 1), "b", Settling(), (1, 1)]


def test_what_is_removed_goes_first() -> None:
    slots, routes = [slot(1, "a", "b")], [route("b", 1, None), route("a", 2, 1)]
    assert list(in_turn(slots, leaving(slots, routes))) == [routes[0], Settling(), slots[0]]


def test_domains_that_change_places() -> None:
    slots = [slot(1, "b", "a"), slot(2, "a", "b")]
    routes = [route("a", 1, 2), route("b", 2, 1)]
    assert list(in_turn(slots, leaving(slots, routes))) == [*slots, *routes]


def test_nobody_leaves_a_pool_that_keeps_its_server() -> None:
    heavier = Difference("runtime", "slot", (1, 1), Server("a"), Server("a", weight=5))
    cleared = Difference("runtime", "slot", (2, 1), Server("a"), FREE)
    assert leaving([heavier, cleared], [route("a", 1, 3), route("b", 2, 3)]) == {}
    assert leaving([slot(1, "b", "a")], [route("a", 3, 4)]) == {}


def test_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    Settling().carry_out(RuntimeApi("/none"))
    assert slept == [succession.SETTLE_SECONDS]


def placings() -> st.SearchStrategy[Pools]:
    """Domains, each in a pool of its own."""
    names = st.permutations("abcdef")
    return st.builds(
        lambda pools, n: dict(zip("abcd"[:n], map("abcdef".index, pools))), names, st.integers(0, 4)
    )


@given(placings(), placings())
def test_no_request_goes_astray(before: Pools, after: Pools) -> None:
    """Whatever is served at any moment comes from the domain's own server, but in a ring."""
    servers = {pool: name for name, pool in before.items()}
    slots = [
        slot(pool, name, servers.get(pool))
        for name, pool in after.items()
        if servers.get(pool) != name
    ]
    routes = [
        route(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    left = leaving(slots, routes)
    routed, rings = {**before}, _rings(before, after)
    steps = [*in_turn(slots, left), *(d for d in routes if d.after is not None)]
    for step in steps:
        if isinstance(step, Settling):
            continue
        if step.kind == "slot":
            servers[step.key[0]] = step.after.ip
        elif step.after is None:
            routed.pop(step.key, None)
        else:
            routed[step.key] = int(step.after[5:])
        wrong = [name for name, pool in routed.items() if servers.get(pool) != name]
        assert not set(wrong) - rings


def _rings(before: Pools, after: Pools) -> set[str]:
    """Domains for which there is no good order: each waits for the pool that the next one has."""
    owners = {pool: name for name, pool in before.items()}
    found = set()
    for start in before:
        seen, name = [], start
        while name in after and before.get(name) != after[name] and name not in seen:
            seen.append(name)
            name = owners.get(after[name], "")
        found |= set(seen) if name in seen else set()
    return found
