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
from .._runtime.replies import RuntimeSlot
from .compare import Difference
from .picture import Runtime, SlotKey

LOOKS = 100
PAUSE_SECONDS = 0.001


class Moved(NamedTuple):
    """A step that waits until requests and checks go to the new address of slots.

    HAProxy 3.0 and newer queue the change of an address and answer at once: what is sent to work,
    or routed to, right behind that answer still meets the old address for some milliseconds. The
    queue keeps its order, so that the slot that was told last is the last one to wait for.

    No version ends a health check that is under way. The old address passing it would make a slot
    with a new one healthy, even where maintenance lies between.

    :param told: the slot that was told an address last, with its server
    :param waiting: those whose checks of an old address must be over
    """

    told: tuple[SlotKey, Server] | None
    waiting: frozenset[SlotKey]

    def carry_out(self, api: RuntimeApi) -> None:
        """Wait, at most for about five seconds.

        An address that is not there by then is told by the comparison that follows all steps. A
        check that still runs is not waited for: the next one puts right what it says.
        """
        keys = [*self.waiting, *([self.told[0]] if self.told else [])]
        looks = [commands.show_servers_state(pool) for pool in sorted({key[0] for key in keys})]
        for number in range(LOOKS):
            found: dict[SlotKey, RuntimeSlot] = {}
            for reply in api.ask(looks):
                found.update(replies.slots(reply))
            if self._is_over(found):
                return
            time.sleep(PAUSE_SECONDS * (number + 1))

    def _is_over(self, found: dict[SlotKey, RuntimeSlot]) -> bool:
        if any(found[key].checking for key in self.waiting if key in found):
            return False
        if self.told is None or self.told[0] not in found:
            return True
        key, server = self.told
        return _address(found[key].server) == _address(server)


def fill(slots: Sequence[Difference], waiting: set[SlotKey]) -> Iterator[Command | Moved]:
    """Slots that get to work come before those that leave it, and work at their new address only.

    :param waiting: those that wait for their first good check, which goes to the new address
    """
    working = [d for d in slots if _works(d.after)]
    patient = waiting.intersection(d.key for d in working)
    for d in working:
        yield from _readdress(d, d.key in patient)
    moved = [d for d in working if _has_moved(d)]
    if moved or patient:
        told = (moved[-1].key, moved[-1].after) if moved else None
        yield Moved(told, frozenset(patient))
    for d in working:
        yield from _put_to_work(d, d.key in patient)
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
        yield commands.set_state(pool, slot, MAINT)
    if _has_moved(d):
        yield commands.set_address(pool, slot, d.after)


def _put_to_work(d: Difference, waits: bool) -> Iterator[Command]:
    """A slot that leaves maintenance counts as healthy: one that waits leaves it as drained."""
    pool, slot = d.key
    held = _held(d)
    if held.weight != d.after.weight:
        yield commands.set_weight(pool, slot, d.after.weight)
    if waits:
        yield commands.set_state(pool, slot, DRAIN)
        yield commands.set_health_down(pool, slot)
    if waits or held.state != READY:
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
