# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy is told of the servers of one pool, word for word."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import slot_steps
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.slot_steps import Moved
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated, Slot
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import servers
from ansible_collections.inouter.haproxy.tests.unit.support.world import Truth, World, slots

A, B = Server("10.0.0.1"), Server("10.0.0.2")


def serving(*servers: Server, running: bool = True, checked: bool = True) -> World:
    haproxy = Simulated("/seen", 3, 3)
    for slot, server in enumerate(servers, start=1):
        haproxy.slots[1, slot] = Slot(server, running, checked)
    return World(haproxy, {})


def commands(world: World, pool: dict[int, Server]) -> list[str]:
    wanted = Truth({}, {1: pool}).wanted(scope_of([], [1]))
    return [command.text.partition("/")[2] for command in world.plan(wanted).commands]


def test_the_first_server_gets_requests_at_once() -> None:
    assert commands(serving(), {1: A}) == [
        "pool_1_1 addr 10.0.0.1 port 80",
        "pool_1_1 state ready",
    ]


def test_a_server_that_joins_others_waits_for_its_first_good_check() -> None:
    assert commands(serving(A), {1: A, 2: B}) == [
        "pool_1_2 addr 10.0.0.2 port 80",
        "pool_1_2 state drain",
        "pool_1_2 health down",
        "pool_1_2 state ready",
    ]


@pytest.mark.parametrize("state", ["ready", "drain"])
def test_a_server_that_moves_beside_others_is_in_maintenance_meanwhile(state: str) -> None:
    assert commands(serving(A, Server("10.0.0.3", state=state)), {1: A, 2: B}) == [
        "pool_1_2 state maint",
        "pool_1_2 addr 10.0.0.2 port 80",
        "pool_1_2 state drain",
        "pool_1_2 health down",
        "pool_1_2 state ready",
    ]


@pytest.mark.parametrize(
    ("held", "moved"),
    [
        (FREE, Moved(((1, 2), B), frozenset({(1, 2)}))),
        (B._replace(state="maint"), Moved(None, frozenset({(1, 2)}))),
    ],
)
def test_no_check_is_under_way_when_a_server_is_set_down(held: Server, moved: Moved) -> None:
    world = serving(A, held)
    steps = world.plan(Truth({}, {1: {1: A, 2: B}}).wanted(scope_of([], [1]))).steps
    drained = next(n for n, step in enumerate(steps) if "state drain" in str(step))
    assert steps.index(moved) < drained


@pytest.mark.parametrize(
    "world", [serving(A, running=False), serving(Server("10.0.0.1", weight=0))]
)
def test_a_server_that_joins_others_which_do_not_serve_gets_requests_at_once(world: World) -> None:
    pool = {1: world.haproxy.slots[1, 1].server, 2: B}
    assert "pool_1_2 health down" not in commands(world, pool)


def test_a_server_that_is_not_checked_never_waits() -> None:
    world = serving(A, checked=False)
    world.haproxy.slots[1, 2] = Slot(FREE, checked=False)
    assert "pool_1_2 health down" not in commands(world, {1: A, 2: B})


@pytest.mark.parametrize("after", [Server("10.0.0.2", weight=0), Server("10.0.0.2", state="drain")])
def test_a_server_that_gets_no_requests_does_not_wait(after: Server) -> None:
    assert "pool_1_2 health down" not in commands(serving(A), {1: A, 2: after})


def test_a_change_of_weight_does_not_wait() -> None:
    changed = Server("10.0.0.2", weight=9)
    assert commands(serving(A, B), {1: A, 2: changed}) == ["pool_1_2 weight 9"]


def test_a_server_goes_to_maintenance_before_anything_else_of_it_changes() -> None:
    after = Server("10.0.0.9", 80, 7, "maint")
    assert commands(serving(A), {1: after}) == [
        "pool_1_1 state maint",
        "pool_1_1 weight 7",
        "pool_1_1 addr 10.0.0.9 port 80",
    ]


def test_a_server_is_cleared() -> None:
    assert commands(serving(A), {}) == [
        "pool_1_1 state maint",
        "pool_1_1 addr 192.0.2.1 port 80",
        "pool_1_1 weight 1",
    ]


def test_a_slot_that_haproxy_lacks_is_named_to_it() -> None:
    world = serving()
    del world.haproxy.slots[1, 1]
    assert commands(world, {1: A}) == ["pool_1_1 addr 10.0.0.1 port 80", "pool_1_1 state ready"]


@pytest.mark.parametrize(
    "leaves", [A._replace(state="maint"), A._replace(state="drain"), A._replace(weight=0)]
)
def test_a_server_takes_over_before_another_one_leaves(leaves: Server) -> None:
    world = serving(A)
    wanted = Truth({}, {1: {1: leaves, 2: B}}).wanted(scope_of([], [1]))
    for command in world.plan(wanted).commands:
        DirectApi(world.haproxy).do([command])
        assert any(slot.serves for slot in world.haproxy.slots.values()), command.text


@given(servers(), slots, st.booleans())
def test_no_slot_gets_requests_before_its_new_address_has_arrived(
    after: Server, held: Slot, alone: bool
) -> None:
    world = serving(*([] if alone else [A]))
    world.haproxy.slots[1, 2] = held
    wanted = Truth({}, {1: {1: FREE if alone else A, 2: after}}).wanted(scope_of([], [1]))
    on_its_way = False
    for step in world.plan(wanted).steps:
        served = world.haproxy.slots[1, 2].serves
        if isinstance(step, Command):
            on_its_way = on_its_way or "pool_1_2 addr" in step.text
            DirectApi(world.haproxy).do([step])
            assert served or not (on_its_way and world.haproxy.slots[1, 2].serves)
        on_its_way = on_its_way and not isinstance(step, Moved)


@given(servers(), slots)
def test_no_request_meets_a_server_that_was_never_checked_where_others_serve(
    after: Server, held: Slot
) -> None:
    world = serving(A)
    world.haproxy.slots[1, 2] = held
    fresh = held.checked and (after[:2] != held.server[:2] or held.status == "MAINT")
    wanted = Truth({}, {1: {1: A, 2: after}}).wanted(scope_of([], [1]))
    for step in world.plan(wanted).commands:
        DirectApi(world.haproxy).do([step])
        slot = world.haproxy.slots[1, 2]
        assert not (fresh and slot.serves and slot.server[:2] == after[:2]), step.text


class Late(DirectApi):
    """A HAProxy that shows what is waited for only after some looks, or one that never does."""

    def __init__(self, looks: int, before: Slot) -> None:
        super().__init__(Simulated("/seen", 1, 1))
        self.looks = looks
        self.simulated.slots[1, 1] = before

    def ask(self, commands: Sequence[Command]) -> list[str]:
        self.looks -= 1
        if self.looks == 0:
            self.simulated.slots[1, 1] = Slot(A)
        return super().ask(commands)


ADDRESS = Moved(((1, 1), A), frozenset())
CHECK = Moved(None, frozenset({(1, 1)}))
LATE = {ADDRESS: Slot(B), CHECK: Slot(A, checking=True)}


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize("step", LATE)
def test_work_begins_when_what_is_waited_for_is_there(step: Moved, looks: int) -> None:
    api = Late(looks, LATE[step])
    step.carry_out(api)
    assert api.looks == 0


@pytest.mark.parametrize("step", LATE)
def test_a_wait_ends(step: Moved, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    step.carry_out(Late(-1, LATE[step]))
    assert len(slept) == slot_steps.LOOKS and sum(slept) < 6


@pytest.mark.parametrize(
    "step", [Moved(((1, 2), A), frozenset()), Moved(None, frozenset({(1, 2)}))]
)
def test_a_slot_that_haproxy_lacks_is_not_waited_for(step: Moved) -> None:
    api = Late(-1, Slot(A))
    step.carry_out(api)
    assert api.looks == -2


def test_all_addresses_are_waited_for_once_before_any_of_them_gets_work() -> None:
    wanted = Truth({"a.test": "pool_1"}, {1: {1: A, 2: B}}).wanted(scope_of(["a.test"], [1]))
    steps = serving().plan(wanted).steps
    assert steps[2] == Moved(((1, 2), B), frozenset())
    assert [getattr(step, "text", "").rpartition(" ")[2] for step in steps] == [
        "80",
        "80",
        "",
        "ready",
        "ready",
        "pool_1",
    ]
