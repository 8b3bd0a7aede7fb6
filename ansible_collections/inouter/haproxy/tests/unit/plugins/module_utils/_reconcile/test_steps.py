# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of any plan lead to what is wanted, in an order that loses no request."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import assume, given

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.apply import ROUNDS
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    compare,
    matches,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Scope,
)
from ansible_collections.inouter.haproxy.tests.unit.support import world as small
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

_SLOT = re.compile(r"set server pool_\d+/pool_(\d+)_(\d+) ")


@given(small.truths, small.worlds())
def test_one_round_puts_everything_in_order(truth: Truth, world: World) -> None:
    wanted = truth.wanted(EVERYTHING)
    world.carry_out(world.plan(wanted))
    assert compare(wanted, world.look(EVERYTHING), PLACES) == []
    assert world.haproxy.routes() == _by_map(truth)
    assert world.files == _files(truth)


@pytest.mark.parametrize(
    ("path", "name"), [(PLACES.exact, "*.a.test"), (PLACES.wildcard, "a.test")]
)
def test_a_name_in_the_file_of_the_other_map_goes(path: str, name: str) -> None:
    world = World(Simulated("/seen", 3, 3), {path: map_file.render([(name, "pool_1")])})
    wanted = Truth({}, {}).wanted(EVERYTHING)
    world.carry_out(world.plan(wanted))
    assert compare(wanted, world.look(EVERYTHING), PLACES) == []
    assert world.files[path] == map_file.HEADER


def _by_map(truth: Truth) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, pool in truth.routes.items():
        found.setdefault(PLACES.runtime_map_of(name), {})[name] = pool
    return found


def _files(truth: Truth) -> dict[str, bytes]:
    wanted = truth.wanted(EVERYTHING)
    files = {PLACES.pool_file(pool): content for pool, content in wanted.pool_files.items()}
    for path in PLACES.maps:
        routes = [route for route in truth.routes.items() if PLACES.map_of(route[0]) == path]
        files[path] = map_file.render(routes)
    return files


@given(small.truths, small.worlds(), small.scopes)
def test_a_few_rounds_put_a_scope_in_order(truth: Truth, world: World, scope: Scope) -> None:
    wanted = truth.wanted(scope)
    for _round in range(ROUNDS + 3):
        plan = world.plan(wanted)
        if not plan.differences:
            return
        world.carry_out(plan)
    assert plan.differences == []


@given(small.truths, small.worlds(), small.scopes)
def test_what_is_not_in_the_scope_stays_as_it_is(truth: Truth, world: World, scope: Scope) -> None:
    whole = [path for path in PLACES.maps if map_file.is_whole(world.files.get(path))]
    before = _outside(world, scope, whole)
    world.carry_out(world.plan(truth.wanted(scope)))
    assert _outside(world, scope, whole) == before


def _outside(world: World, scope: Scope, whole: Iterable[str]) -> list[object]:
    if scope.domains is None or scope.pools is None:
        return []
    maps = [
        (path, entry)
        for path, entries in world.haproxy.maps.items()
        for entry in entries
        if entry.key not in scope.domains
    ]
    slots = {key: slot for key, slot in world.haproxy.slots.items() if key[0] not in scope.pools}
    pools = [world.files.get(PLACES.pool_file(p)) for p in small.POOLS - scope.pools]
    return [maps, slots, pools, [_lines(world.files[path], scope.domains) for path in whole]]


def _lines(content: bytes, domains: Iterable[str]) -> list[tuple[str, str]]:
    return [entry for entry in map_file.entries(content) if entry[0] not in domains]


@given(small.truths, small.worlds(tidy=True))
def test_servers_come_before_routes_and_go_after_them(truth: Truth, world: World) -> None:
    wanted = truth.wanted(EVERYTHING)
    assume(not small.taken_over(world.plan(wanted)))
    kinds = [_kind(command.text, wanted.slots) for command in world.plan(wanted).commands]
    order = ["fill", "route", "unroute", "clear"]
    assert kinds == sorted(kinds, key=order.index)


def _kind(command: str, slots: dict[tuple[int, int], Server]) -> str:
    match = _SLOT.match(command)
    if match is None:
        return "unroute" if command.startswith("del map") else "route"
    key = (int(match.group(1)), int(match.group(2)))
    return "clear" if slots[key] == FREE else "fill"


@given(small.truths, small.worlds(tidy=True))
def test_a_route_never_leads_to_a_pool_that_is_not_ready_for_it(truth: Truth, world: World) -> None:
    wanted = truth.wanted(EVERYTHING)
    for command in world.plan(wanted).commands:
        DirectApi(world.haproxy).do([command])
        match = re.match(r"(?:add|set) map \S+ \S+ pool_(\d+)", command.text)
        if match:
            held = world.haproxy.servers()
            pool = [key for key in held if key[0] == int(match.group(1))]
            assert all(matches(wanted.slots[k], held[k]) for k in pool if wanted.slots[k] != FREE)


@given(small.truths, small.worlds())
def test_a_free_slot_is_in_maintenance_before_its_address_goes(truth: Truth, world: World) -> None:
    for command in world.plan(truth.wanted(EVERYTHING)).commands:
        DirectApi(world.haproxy).do([command])
        match = re.match(r"set server pool_(\d+)/\S+_(\d+) addr 192\.0\.2\.1 ", command.text)
        if match:
            assert world.haproxy.slots[int(match.group(1)), int(match.group(2))].status == "MAINT"


@given(small.truths, small.worlds())
def test_only_checked_slots_that_join_others_wait_for_a_check(truth: Truth, world: World) -> None:
    plan = world.plan(truth.wanted(EVERYTHING))
    assert plan.seen.runtime is not None
    slots = plan.seen.runtime.slots
    named = [_SLOT.match(command.text) for command in plan.commands]
    touched = {(int(match.group(1)), int(match.group(2))) for match in named if match}
    steady = {key[0] for key, slot in slots.items() if slot.up and key not in touched}
    for command in plan.commands:
        match = _SLOT.match(command.text)
        if match and command.text.endswith("health down"):
            key = (int(match.group(1)), int(match.group(2)))
            assert slots[key].checked and key[0] in steady


@given(small.truths, small.worlds())
def test_files_of_pools_that_routes_need_come_first(truth: Truth, world: World) -> None:
    wanted = truth.wanted(EVERYTHING)
    used = {PLACES.pool_file(key[0]) for key, server in wanted.slots.items() if server != FREE}
    places = [
        0 if path in used else 1 if path in PLACES.maps else 2
        for path, _content in world.plan(wanted).files
    ]
    assert places == sorted(places)
