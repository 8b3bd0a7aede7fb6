# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole maps read and replaced: the same worlds as for single entries, where one is many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import (
    large_scope,
    picture,
    steps,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.apply import ROUNDS
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    ROUTE,
    RUNTIME,
    Difference,
    compare,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Runtime,
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.maps import MapSwap
from ansible_collections.inouter.haproxy.tests.unit.support import world as small
from ansible_collections.inouter.haproxy.tests.unit.support.versioned import Versioned
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

from .test_undo import break_after, go_back

EXACT, WILDCARD = (PLACES.runtime_map(path) for path in PLACES.maps)


@pytest.fixture(scope="module", autouse=True)
def one_is_many() -> Iterator[None]:
    """Let every map be replaced in which anything differs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (picture, steps, large_scope):
            patch.setattr(module, "MANY", 0)
        yield


@given(small.truths, small.worlds(kind=Versioned))
def test_one_round_puts_everything_in_order(truth: Truth, world: World) -> None:
    wanted = truth.wanted(EVERYTHING)
    plan = world.plan(wanted)
    world.carry_out(plan)
    assert compare(wanted, world.look(EVERYTHING), PLACES) == []
    found = {name: pool for held in world.haproxy.routes().values() for name, pool in held.items()}
    assert found == truth.routes
    singly = any(command.startswith(("set map", "del map")) for command in world.haproxy.log)
    assert not singly or small.taken_over(plan)


@given(small.truths, small.worlds(kind=Versioned), small.scopes)
def test_a_few_rounds_put_a_scope_in_order(truth: Truth, world: World, scope: Scope) -> None:
    wanted = truth.wanted(scope)
    for _round in range(ROUNDS + 3):
        plan = world.plan(wanted)
        if not plan.differences:
            return
        world.carry_out(plan)
    assert plan.differences == []


@given(small.truths, small.worlds(kind=Versioned), small.scopes)
def test_what_is_not_in_the_scope_stays_in_haproxy(
    truth: Truth, world: World, scope: Scope
) -> None:
    before = outside(world, scope)
    world.carry_out(world.plan(truth.wanted(scope)))
    assert outside(world, scope) == before


def outside(world: World, scope: Scope) -> list[tuple[str, str, str]]:
    return [
        (path, entry.key, entry.value)
        for path, entries in world.haproxy.maps.items()
        for entry in entries
        if scope.domains is not None and entry.key not in scope.domains
    ]


@given(
    small.truths,
    small.worlds(tidy=True, kind=Versioned),
    small.scopes,
    st.integers(0, 30),
    st.integers(0, 6),
)
def test_wherever_it_breaks_haproxy_goes_back(
    truth: Truth, world: World, scope: Scope, commands: int, files: int
) -> None:
    routes, kept = world.haproxy.routes(), dict(world.files)
    before = break_after(world, commands, files, scope, truth)
    go_back(world, before, scope)
    assert {k: v for k, v in world.haproxy.routes().items() if v} == routes
    assert world.files == kept


def test_both_maps_and_the_entries_out_of_scope_are_read() -> None:
    haproxy = Versioned("/seen", 3, 3)
    for path, key in ((EXACT, "a.test"), (EXACT, "b.test"), (WILDCARD, "*.a.test")):
        haproxy.put(path, key, "pool_1")
    haproxy.put(WILDCARD, "a.test", "pool_3")
    seen = World(haproxy, {}).look(scope_of(["a.test", "*.a.test"], [2])).runtime
    assert seen is not None
    assert seen.routes == {"a.test": "pool_1", "*.a.test": "pool_1"}
    assert seen.others == {EXACT: [("b.test", "pool_1")], WILDCARD: [("a.test", "pool_3")]}
    assert {pool for pool, _slot in seen.slots} == {2}


def test_only_odd_keys_are_referred_to() -> None:
    haproxy = Versioned("/seen", 1, 1)
    for key in ("a.test", "b.test", "b.test", "odd(key"):
        haproxy.put(EXACT, key, "pool_1")
    seen = World(haproxy, {}).look(EVERYTHING).runtime
    assert seen is not None
    held = {entry.reference: entry.key for entry in haproxy.maps[EXACT]}
    found = {k: [held[ref] for _p, ref in entries] for k, entries in seen.references.items()}
    assert found == {"b.test": ["b.test", "b.test"], "odd(key": ["odd(key"]}


def test_a_map_in_which_little_differs_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_scope, "MANY", 1)
    routes = {"a.test": "pool_1", "b.test": "pool_1", "*.a.test": "pool_1"}
    runtime = Runtime((3, 2), routes, {}, {}, others={EXACT: [("x.test", "pool_9")], WILDCARD: []})
    found = [
        Difference(RUNTIME, ROUTE, "a.test", "pool_1", None),
        Difference(RUNTIME, ROUTE, "c.test", None, "pool_2"),
        Difference(RUNTIME, ROUTE, "*.a.test", "pool_1", "pool_2"),
    ]
    entries = [("x.test", "pool_9"), ("b.test", "pool_1"), ("c.test", "pool_2")]
    expected = ([MapSwap(EXACT, entries)], found[2:])
    assert large_scope.swaps(found, runtime, PLACES) == expected
    assert large_scope.swaps(found, runtime._replace(others=None), PLACES) == ([], found)


def test_the_routes_of_a_file() -> None:
    content = map_file.render([("a.test", "pool_1"), ("b.test", "pool_2"), ("c.test", "pool_3")])
    content += b"a.test pool_7\n"
    found = large_scope.file_routes(content, ["a.test", "b.test", "no.test"])
    assert found == {"a.test": "pool_1 pool_7", "b.test": "pool_2"}
