# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each difference between what should be and what is."""

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    Difference,
    compare,
    compare_runtime,
    matches,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Runtime,
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import RuntimeSlot
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.world import (
    PLACES,
    Truth,
    World,
    truths,
    worlds,
)

READY = Server("10.0.0.1", 80, 5, "ready")
DRAIN = Server("10.0.0.1", 80, 5, "drain")
MAINT = Server("10.0.0.1", 80, 5, "maint")
NARROW = scope_of(["a.test", "*.a.test"], [1])


@pytest.mark.parametrize(
    ("wanted", "present", "same"),
    [
        (READY, READY, True),
        (READY, DRAIN, False),
        (READY, MAINT, False),
        (READY, Server("10.0.0.2", 80, 5), False),
        (READY, Server("10.0.0.1", 81, 5), False),
        (READY, Server("10.0.0.1", 80, 6), False),
        (READY, Server("10.0.0.1", 80, 0), False),
        (DRAIN, DRAIN, True),
        (DRAIN, Server("10.0.0.1", 80, 9, "drain"), False),
        (DRAIN, Server("10.0.0.1", 80, 0, "ready"), True),
        (DRAIN, Server("10.0.0.2", 80, 0, "ready"), False),
        (DRAIN, Server("10.0.0.1", 80, 0, "maint"), False),
        (DRAIN, READY, False),
        (DRAIN, MAINT, False),
        (MAINT, MAINT, True),
        (MAINT, DRAIN, False),
        (FREE, FREE, True),
        (FREE, Server(FREE.ip, 80, 1, "ready"), False),
        (FREE, None, True),
        (READY, None, False),
        (MAINT, None, False),
    ],
)
def test_matches(wanted: Server, present: Server | None, same: bool) -> None:
    assert matches(wanted, present) is same


def test_routes_that_differ_come_in_the_order_of_their_names() -> None:
    wanted = {"a.test": "pool_1", "b.test": "pool_2", "c.test": "pool_3"}
    routes = {"a.test": "pool_1", "b.test": "pool_9", "d.test": "pool_4"}
    assert compare_runtime(wanted, {}, Runtime((3, 2), routes, {}, {})) == [
        Difference("runtime", "route", "b.test", "pool_9", "pool_2"),
        Difference("runtime", "route", "c.test", None, "pool_3"),
        Difference("runtime", "route", "d.test", "pool_4", None),
    ]


def test_a_key_that_is_there_twice_differs() -> None:
    twice = {"a.test": [("/m", "0x1"), ("/m", "0x2")], "b.test": [("/m", "0x3")]}
    routes = {"a.test": "pool_1", "b.test": "pool_2"}
    assert compare_runtime(routes, {}, Runtime((3, 2), routes, {}, twice)) == [
        Difference("runtime", "route", "a.test", "2 entries", "pool_1")
    ]


def test_slots_that_differ() -> None:
    held = {(1, 1): RuntimeSlot(DRAIN, up=False, checked=True)}
    slots = {(1, 1): READY, (1, 2): FREE, (1, 3): MAINT}
    assert compare_runtime({}, slots, Runtime((3, 2), {}, held, {})) == [
        Difference("runtime", "slot", (1, 1), DRAIN, READY),
        Difference("runtime", "slot", (1, 3), None, MAINT),
    ]


@pytest.mark.parametrize(
    ("kind", "key", "name"),
    [("route", "a.test", "a.test"), ("slot", (5, 1), "pool_5_1"), ("pool_file", 5, "5")],
)
def test_name(kind: str, key: object, name: str) -> None:
    assert Difference("runtime", kind, key, None, None).name == name


def file_differences(world: World, truth: Truth, scope: Scope) -> list[Difference]:
    world.haproxy.running = False
    return compare(truth.wanted(scope), world.look(scope), PLACES)


def in_order(truth: Truth, world: World) -> World:
    world.carry_out(world.plan(truth.wanted(Scope())))
    return world


@given(truths, worlds())
def test_nothing_differs_where_all_is_in_order(truth: Truth, world: World) -> None:
    in_order(truth, world)
    for scope in (Scope(), NARROW, scope_of()):
        assert compare(truth.wanted(scope), world.look(scope), PLACES) == []


@pytest.fixture
def truth() -> Truth:
    return Truth({"a.test": "pool_1", "b.test": "pool_2"}, {1: {1: READY}})


@pytest.fixture
def world(truth: Truth) -> World:
    return in_order(truth, World(Simulated("/seen", 3, 3), {}))


@pytest.mark.parametrize("scope", [Scope(), NARROW])
@pytest.mark.parametrize("content", [None, b"", b"x", b"a.test pool_1\n", map_file.HEADER[:-1]])
def test_a_map_file_that_is_damaged_is_written_anew(
    world: World, truth: Truth, scope: Scope, content: bytes | None
) -> None:
    world.files.pop(PLACES.exact)
    if content is not None:
        world.files[PLACES.exact] = content
    expected = Difference("files", "map_file", PLACES.exact, content, None)
    assert file_differences(world, truth, scope) == [expected]


@pytest.mark.parametrize("scope", [Scope(), NARROW])
def test_a_line_of_a_map_file_differs(world: World, truth: Truth, scope: Scope) -> None:
    world.files[PLACES.exact] = map_file.render([("a.test", "pool_7"), ("b.test", "pool_2")])
    world.files[PLACES.wildcard] = map_file.render([("*.a.test", "pool_3")])
    assert file_differences(world, truth, scope) == [
        Difference("files", "route", "a.test", "pool_7", "pool_1"),
        Difference("files", "route", "*.a.test", "pool_3", None),
    ]


def test_a_domain_that_a_file_names_twice_differs(world: World, truth: Truth) -> None:
    world.files[PLACES.exact] += b"a.test pool_1\n"
    shown = Difference("files", "route", "a.test", "pool_1 pool_1", "pool_1")
    assert file_differences(world, truth, NARROW) == [shown]
    assert file_differences(world, truth, Scope()) == [shown]


def test_other_lines_are_seen_only_where_everything_is(world: World, truth: Truth) -> None:
    world.files[PLACES.exact] += b"other.test pool_1\n"
    assert file_differences(world, truth, NARROW) == []
    other = Difference("files", "route", "other.test", "pool_1", None)
    assert file_differences(world, truth, Scope()) == [other]


def test_a_name_of_the_other_map_has_the_file_written_anew(world: World, truth: Truth) -> None:
    content = map_file.render([*truth.routes.items(), ("*.a.test", "pool_1")])
    world.files[PLACES.exact] = content
    anew = Difference("files", "map_file", PLACES.exact, content, None)
    assert file_differences(world, truth, Scope()) == [anew]


def test_the_own_names_of_such_a_file_differ_as_ever(world: World, truth: Truth) -> None:
    content = map_file.render([("*.a.test", "pool_1"), ("a.test", "pool_7")])
    world.files[PLACES.wildcard] = content
    assert file_differences(world, truth, Scope()) == [
        Difference("files", "route", "*.a.test", "pool_1", None),
        Difference("files", "map_file", PLACES.wildcard, content, None),
    ]


@pytest.mark.parametrize("content", [None, b"", b"backend pool_1\n"])
def test_a_pool_file_differs(world: World, truth: Truth, content: bytes | None) -> None:
    right = world.files.pop(PLACES.pool_file(1))
    if content is not None:
        world.files[PLACES.pool_file(1)] = content
    expected = Difference("files", "pool_file", 1, content, right)
    assert file_differences(world, truth, NARROW) == [expected]


def test_maps_that_are_not_in_the_scope_are_not_read(world: World, truth: Truth) -> None:
    world.files[PLACES.wildcard] = b"damaged"
    assert file_differences(world, truth, scope_of(["a.test"], [1])) == []
