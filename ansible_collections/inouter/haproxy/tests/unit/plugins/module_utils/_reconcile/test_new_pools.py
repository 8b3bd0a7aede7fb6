# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools that HAProxy lacks."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Refused,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import compare
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    scope_of,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Slot
from ansible_collections.inouter.haproxy.tests.unit.support.versioned import Versioned
from ansible_collections.inouter.haproxy.tests.unit.support.world import PLACES, Truth, World

from .test_undo import go_back

TRUTH = Truth({"a.test": "pool_3"}, {3: {2: Server("10.0.0.1")}})
CONFIG = b"defaults pools\n    default-server check inter 2s\n"


@pytest.fixture
def haproxy() -> Versioned:
    """Give one that lacks the last pool."""
    return Versioned("/seen", 2, 3)


@pytest.fixture
def world(haproxy: Versioned) -> World:
    return World(haproxy, {PLACES.config: CONFIG})


def test_a_pool_is_made_with_the_checks_of_the_others(world: World) -> None:
    world.converge(TRUTH, scope_of(["a.test"], [3]))
    added = [f"add server pool_3/pool_3_{n} 192.0.2.1:80 check inter 2s" for n in (1, 3, 2)]
    checked = [f"enable health pool_3/pool_3_{n}" for n in (1, 3, 2)]
    made = [line for pair in zip(added, checked) for line in pair]
    assert world.haproxy.log[:8] == [
        "add backend pool_3 from pools",
        "publish backend pool_3",
        *made,
    ]
    assert world.haproxy.slots[3, 2].server == Server("10.0.0.1")
    assert all(world.haproxy.slots[3, slot].checked for slot in (1, 2, 3))
    scope = scope_of(["a.test"], [3])
    assert compare(TRUTH.wanted(scope), world.look(scope), PLACES) == []


def test_without_checks_none_are_started(world: World) -> None:
    del world.files[PLACES.config]
    world.converge(TRUTH)
    assert not any(line.startswith("enable health") for line in world.haproxy.log)
    assert world.haproxy.slots[3, 2].server == Server("10.0.0.1")


@pytest.mark.parametrize("done", range(8))
def test_what_was_cut_off_is_completed(world: World, haproxy: Versioned, done: int) -> None:
    world.haproxy.refuse = lambda _line: None if len(world.haproxy.log) <= done else "No.\n\n"
    with pytest.raises(Refused):
        world.converge(TRUTH)
    world.haproxy.refuse = lambda _line: None
    world.converge(TRUTH)
    assert haproxy.published == {3: True}
    assert all(world.haproxy.slots[3, slot].checked for slot in (1, 2, 3))


def test_a_free_pool_is_not_missed(world: World, haproxy: Versioned) -> None:
    world.converge(Truth({}, {}))
    assert haproxy.published == {}


def test_a_slot_whose_checks_somebody_stopped_is_no_lack(world: World) -> None:
    world.converge(TRUTH)
    slot = world.haproxy.slots[3, 2]
    world.haproxy.slots[3, 2] = Slot(slot.server, slot.running, checked=False)
    world.haproxy.log.clear()
    world.converge(Truth(TRUTH.routes, {3: {2: Server("10.0.0.2")}}))
    assert not any(line.startswith(("add", "enable")) for line in world.haproxy.log)


def test_an_older_haproxy_says_what_to_do(world: World) -> None:
    world.haproxy.version = "3.2.26-1"
    with pytest.raises(Unusable, match=r"^The running HAProxy 3.2 has no pool_3.*state: reloaded"):
        world.converge(TRUTH)
    assert world.haproxy.log == []


def test_going_back_empties_the_pool(world: World) -> None:
    before = world.look(EVERYTHING)
    world.converge(TRUTH)
    go_back(world, before)
    assert not any(slot.serves for slot in world.haproxy.slots.values())
    assert world.haproxy.routes().get("/seen/domains.map", {}) == {}
    assert PLACES.pool_file(3) not in world.files
