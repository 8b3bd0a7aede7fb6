# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that give slots their servers, and that free them. Pure, but for `Moved`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .._model.servers import DRAIN, FREE, MAINT, READY, Server
from .._runtime import commands, replies
from .._runtime.api import RuntimeApi
from .._runtime.commands import Command
from .compare import Difference
from .picture import Runtime, SlotKey

LOOKS = 100
PAUSE_SECONDS = 0.001


class Moved(NamedTuple):
    """A step that waits until requests go to a slot's new address.

    HAProxy 3.0 and newer queue the change of an address and answer at once: what is sent to work,
    or routed to, right behind that answer still meets the old address for some milliseconds. The
    queue keeps its order, so that the slot that was told last is the last one to wait for.
    """

    key: SlotKey
    server: Server

    def carry_out(self, api: RuntimeApi) -> None:
        """Wait. Where it takes too long, the comparison that follows all steps says so."""
        for number in range(LOOKS):
            (reply,) = api.ask([commands.show_servers_state(self.key[0])])
            found = replies.slots(reply).get(self.key)
            if found is None or _address(found.server) == _address(self.server):
                return
            time.sleep(PAUSE_SECONDS * (number + 1))


def fill(slots: Sequence[Difference], waiting: set[SlotKey]) -> Iterator[Command | Moved]:
    """Slots that get to work come before those that leave it, and work at their new address only.

    :param waiting: those that wait for their first good check, which goes to the new address
    """
    working = [d for d in slots if _works(d.after)]
    moved = [d for d in working if _has_moved(d)]
    for d in moved:
        yield from _readdress(d, d.key in waiting)
    if moved:
        yield Moved(moved[-1].key, moved[-1].after)
    for d in working:
        yield from _put_to_work(d, d.key in waiting)
    for d in slots:
        if not _works(d.after):
            yield from _take_from_work(d)


def clear(slots: Iterable[Difference]) -> Iterator[Command]:
    """Free these slots."""
    for pool, slot in (d.key for d in slots):
        yield commands.set_state(pool, slot, MAINT)
        yield commands.set_address(pool, slot, FREE)
        yield commands.set_weight(pool, slot, FREE.weight)


def waiting_for_a_check(slots: Sequence[Difference], runtime: Runtime) -> set[SlotKey]:
    """Slots that get a new address, or get back to work, where others can serve meanwhile.

    They wait for their first good check. A pool with no other healthy server uses them at once.
    """
    touched = {d.key for d in slots}
    steady = {key[0] for key, slot in runtime.slots.items() if slot.up and key not in touched}
    checked = {key for key, slot in runtime.slots.items() if slot.checked}
    return {d.key for d in slots if _fresh(d) and d.key[0] in steady and d.key in checked}


def _works(server: Server) -> bool:
    return server.state == READY and server.weight > 0


def _held(d: Difference) -> Server:
    return d.before or FREE


def _address(server: Server) -> tuple[str, int]:
    return server.ip, server.http_port


def _has_moved(d: Difference) -> bool:
    return _address(_held(d)) != _address(d.after)


def _fresh(d: Difference) -> bool:
    return _works(d.after) and (_has_moved(d) or _held(d).state == MAINT)


def _readdress(d: Difference, waits: bool) -> Iterator[Command]:
    pool, slot = d.key
    if waits and _held(d).state != MAINT:
        yield commands.set_health_down(pool, slot)
    yield commands.set_address(pool, slot, d.after)


def _put_to_work(d: Difference, waits: bool) -> Iterator[Command]:
    """A slot that leaves maintenance counts as healthy: one that waits leaves it as drained."""
    pool, slot = d.key
    held = _held(d)
    if held.weight != d.after.weight:
        yield commands.set_weight(pool, slot, d.after.weight)
    if waits and held.state == MAINT:
        yield commands.set_state(pool, slot, DRAIN)
        yield commands.set_health_down(pool, slot)
    if held.state != READY:
        yield commands.set_state(pool, slot, READY)


def _take_from_work(d: Difference) -> Iterator[Command]:
    """What ends a slot's requests comes before its address, what lets it leave maintenance last."""
    pool, slot = d.key
    held = _held(d)
    states = [] if d.after.state == held.state else [commands.set_state(pool, slot, d.after.state)]
    at_once = held.state == READY or d.after.state == MAINT
    if at_once:
        yield from states
    if held.weight != d.after.weight:
        yield commands.set_weight(pool, slot, d.after.weight)
    if _has_moved(d):
        yield commands.set_address(pool, slot, d.after)
    if not at_once:
        yield from states
