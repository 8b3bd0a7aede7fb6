# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back where HAProxy or the disk refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Refused
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import matches
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Observed,
    Scope,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.undo import undo
from ansible_collections.inouter.haproxy.tests.unit.support import world as small
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

TRUTH = Truth({"a.test": "pool_1", "*.a.test": "pool_1"}, {1: {1: Server("10.0.0.1")}})


@pytest.fixture
def world() -> World:
    return World(Simulated("/seen", 3, 3), {})


def go_back(world: World, before: Observed, scope: Scope = EVERYTHING) -> None:
    with world.instead_of_the_disk():
        undo(DirectApi(world.haproxy), PLACES, before, lambda: world.look(scope))


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
        world.converge(truth, scope)
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
    world.converge(TRUTH)
    world.haproxy.running = False
    go_back(world, before)
    assert world.files == {}


def test_going_back_where_haproxy_did_not_run_then(world: World) -> None:
    world.haproxy.running = False
    before = world.look(EVERYTHING)
    world.converge(TRUTH)
    world.haproxy.running = True
    go_back(world, before)
    assert (world.files, world.haproxy.log) == ({}, [])


def test_going_back_brings_a_name_in_the_wrong_map_back(world: World) -> None:
    world.haproxy.put("/seen/domains.map", "*.a.test", "pool_2")
    before = world.look(EVERYTHING)
    world.converge(TRUTH)
    go_back(world, before)
    assert world.haproxy.routes() == {"/seen/domains.map": {"*.a.test": "pool_2"}}
