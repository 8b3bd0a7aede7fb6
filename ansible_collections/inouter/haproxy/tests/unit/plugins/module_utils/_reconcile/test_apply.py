# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging, and going back where HAProxy refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    NotConverged,
    Refused,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.apply import (
    ROUNDS,
    apply,
    undo,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    compare,
    matches,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Observed,
    Scope,
)
from ansible_collections.inouter.haproxy.tests.unit.support import world as small
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

TRUTH = Truth({"a.test": "pool_1", "*.a.test": "pool_1"}, {1: {1: Server("10.0.0.1")}})


@pytest.fixture
def world() -> World:
    return World(Simulated("/seen", 3, 3), {})


def converge(world: World, truth: Truth, scope: Scope = EVERYTHING) -> Observed:
    api, wanted = DirectApi(world.haproxy), truth.wanted(scope)
    seen = world.look(scope)
    differences = compare(wanted, seen, PLACES)
    with world.instead_of_the_disk():
        return apply(api, PLACES, wanted, seen, differences, lambda: world.look(scope))


def go_back(world: World, before: Observed, scope: Scope = EVERYTHING) -> None:
    with world.instead_of_the_disk():
        undo(DirectApi(world.haproxy), PLACES, before, lambda: world.look(scope))


def test_apply_returns_what_is_then(world: World) -> None:
    after = converge(world, TRUTH)
    assert after == world.look(EVERYTHING)
    assert compare(TRUTH.wanted(EVERYTHING), after, PLACES) == []
    assert world.haproxy.slots[1, 1].server == Server("10.0.0.1")


def test_nothing_is_sent_or_written_where_all_is_in_order(world: World) -> None:
    converge(world, TRUTH)
    world.haproxy.log.clear()
    files = dict(world.files)
    world.write = lambda *_: pytest.fail("a file was written")  # type: ignore[assignment]
    converge(world, TRUTH)
    assert (world.haproxy.log, world.files) == ([], files)


def test_files_alone_where_haproxy_does_not_run(world: World) -> None:
    world.haproxy.running = False
    assert converge(world, TRUTH).runtime is None
    assert world.haproxy.log == []
    assert set(world.files) == {*PLACES.maps, *(PLACES.pool_file(pool) for pool in small.POOLS)}


def test_haproxy_is_told_before_the_files_are_written(world: World) -> None:
    world.haproxy.refuse = lambda command: "No such backend.\n\n" if "addr" in command else None
    with pytest.raises(Refused, match="No such backend"):
        converge(world, TRUTH)
    assert world.files == {}


def test_a_restart_in_between_costs_one_more_round(world: World) -> None:
    restarts = [Simulated("/seen", 3, 3)]

    def refuse(command: str) -> None:
        if command.startswith("add map") and restarts:
            fresh = restarts.pop()
            world.haproxy.slots, world.haproxy.maps = fresh.slots, fresh.maps

    world.haproxy.refuse = refuse  # type: ignore[assignment]
    converge(world, TRUTH)
    assert world.haproxy.slots[1, 1].server == Server("10.0.0.1")


def test_a_haproxy_that_says_yes_and_does_nothing_is_found_out(world: World) -> None:
    world.haproxy.refuse = lambda command: "\n" if command.startswith("add map") else None
    with pytest.raises(NotConverged) as caught:
        converge(world, TRUTH)
    assert str(caught.value).startswith(
        f"After {ROUNDS} rounds these still differ from the database: *.a.test (HAProxy), a.test"
    )
    assert sum(command.startswith("add map") for command in world.haproxy.log) == 2 * ROUNDS


@pytest.mark.parametrize(
    ("count", "end"), [(5, "4.test (HAProxy). S"), (6, "4.test (HAProxy) and 1 more. S")]
)
def test_only_a_few_differences_are_named(world: World, count: int, end: str) -> None:
    routes = {f"{number}.test": "pool_1" for number in range(count)}
    world.haproxy.refuse = lambda command: "\n" if command.startswith("add map") else None
    with pytest.raises(NotConverged) as caught:
        converge(world, Truth(routes, {}))
    assert (
        f": 0.test (HAProxy), 1.test (HAProxy), 2.test (HAProxy), 3.test (HAProxy), {end}"
        in str(caught.value)
    )


def test_the_last_round_may_be_the_one_that_succeeds(world: World) -> None:
    left = [ROUNDS - 1]

    def refuse(command: str) -> str | None:
        if command.startswith("add map /seen/domains.map") and left[0]:
            left[0] -= 1
            return "\n"
        return None

    world.haproxy.refuse = refuse
    assert compare(TRUTH.wanted(EVERYTHING), converge(world, TRUTH), PLACES) == []
    assert left == [0]


def refuse_after(count: int) -> Callable[[str], str | None]:
    left = [count]

    def refuse(command: str) -> str | None:
        left[0] -= 0 if command.startswith(("show", "get")) else 1
        return "Out of order\n\n" if left[0] < 0 else None

    return refuse


class DiskFull(OSError):
    """No space left."""


def break_after(world: World, commands: int, files: int, scope: Scope, truth: Truth) -> Observed:
    """Converge, but with so few commands and files that it fails in the middle."""
    before, write = world.look(scope), world.write
    left = [files]

    def write_few(path: str, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise DiskFull
        write(path, content)

    world.haproxy.refuse = refuse_after(commands)
    world.write = write_few  # type: ignore[assignment, method-assign]
    with contextlib.suppress(Refused, DiskFull):
        converge(world, truth, scope)
    world.haproxy.refuse = lambda command: None
    world.write = write  # type: ignore[method-assign]
    return before


@given(
    small.truths,
    small.worlds(tidy=True),
    small.scopes,
    st.integers(0, 30),
    st.integers(0, 6),
)
def test_going_back_leads_to_what_was(
    truth: Truth, world: World, scope: Scope, commands: int, files: int
) -> None:
    maps, slots, kept = world.haproxy.routes(), world.haproxy.servers(), dict(world.files)
    before = break_after(world, commands, files, scope, truth)
    go_back(world, before, scope)
    assert world.haproxy.routes() == maps
    assert world.files == kept
    now = world.haproxy.servers()
    assert all(matches(server, now[key]) for key, server in slots.items())


def test_going_back_where_haproxy_has_ended_meanwhile(world: World) -> None:
    before = world.look(EVERYTHING)
    converge(world, TRUTH)
    world.haproxy.running = False
    go_back(world, before)
    assert world.files == {}


def test_going_back_where_haproxy_did_not_run_then(world: World) -> None:
    world.haproxy.running = False
    before = world.look(EVERYTHING)
    converge(world, TRUTH)
    world.haproxy.running = True
    go_back(world, before)
    assert (world.files, world.haproxy.log) == ({}, [])


def test_going_back_brings_a_name_in_the_wrong_map_back(world: World) -> None:
    world.haproxy.put("/seen/domains.map", "*.a.test", "pool_2")
    before = world.look(EVERYTHING)
    converge(world, TRUTH)
    go_back(world, before)
    assert world.haproxy.routes() == {"/seen/domains.map": {"*.a.test": "pool_2"}}
