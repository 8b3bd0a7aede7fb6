# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging."""

from __future__ import annotations

import time

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    NotConverged,
    Refused,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.apply import (
    ROUNDS,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    compare,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
)
from ansible_collections.inouter.haproxy.tests.unit.support import world as small
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

TRUTH = Truth({"a.test": "pool_1", "*.a.test": "pool_1"}, {1: {1: Server("10.0.0.1")}})


@pytest.fixture
def world() -> World:
    return World(Simulated("/seen", 3, 3), {})


def test_apply_returns_what_is_then(world: World) -> None:
    after = world.converge(TRUTH)
    assert after == world.look(EVERYTHING)
    assert compare(TRUTH.wanted(EVERYTHING), after, PLACES) == []
    assert world.haproxy.slots[1, 1].server == Server("10.0.0.1")


def test_nothing_is_sent_or_written_where_all_is_in_order(world: World) -> None:
    world.converge(TRUTH)
    world.haproxy.log.clear()
    files = dict(world.files)
    world.write = lambda *_: pytest.fail("a file was written")  # type: ignore[assignment]
    world.converge(TRUTH)
    assert (world.haproxy.log, world.files) == ([], files)


def test_files_alone_where_haproxy_does_not_run(world: World) -> None:
    world.haproxy.running = False
    assert world.converge(TRUTH).runtime is None
    assert world.haproxy.log == []
    assert set(world.files) == {*PLACES.maps, *(PLACES.pool_file(pool) for pool in small.POOLS)}


def test_haproxy_is_told_before_the_files_are_written(world: World) -> None:
    world.haproxy.refuse = lambda command: "No such backend.\n\n" if "addr" in command else None
    with pytest.raises(Refused, match="No such backend"):
        world.converge(TRUTH)
    assert world.files == {}


@pytest.mark.parametrize("times", [1, ROUNDS - 1, ROUNDS])
def test_a_worker_that_ends_is_left_alone(
    world: World, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next round meets the worker that a reload has put in its place."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    left = [None] * times

    def refuse(command: str) -> str | None:
        if command.endswith("state ready") and left:
            left.pop()
            return "Proxy is disabled.\n\n"
        return None

    world.haproxy.refuse = refuse
    if times == ROUNDS:
        with pytest.raises(Refused, match="Proxy is disabled"):
            world.converge(TRUTH)
    else:
        world.converge(TRUTH)
        assert world.haproxy.slots[1, 1].server == Server("10.0.0.1")


def test_a_restart_in_between_costs_one_more_round(world: World) -> None:
    restarts = [Simulated("/seen", 3, 3)]

    def refuse(command: str) -> None:
        if command.startswith("add map") and restarts:
            fresh = restarts.pop()
            world.haproxy.slots, world.haproxy.maps = fresh.slots, fresh.maps

    world.haproxy.refuse = refuse  # type: ignore[assignment]
    world.converge(TRUTH)
    assert world.haproxy.slots[1, 1].server == Server("10.0.0.1")


def test_a_haproxy_that_says_yes_and_does_nothing_is_found_out(world: World) -> None:
    world.haproxy.refuse = lambda command: "\n" if command.startswith("add map") else None
    with pytest.raises(NotConverged) as caught:
        world.converge(TRUTH)
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
        world.converge(Truth(routes, {}))
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
    assert compare(TRUTH.wanted(EVERYTHING), world.converge(TRUTH), PLACES) == []
    assert left == [0]
