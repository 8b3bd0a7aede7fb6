# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging the servers that a task names into those that a pool has. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..._model.errors import Conflict, InvalidInput
from ..._model.servers import (
    DEFAULT_PORT,
    MAX_WEIGHT,
    Pool,
    Server,
    server_ip,
    server_state,
    whole_number,
)


class Entry(NamedTuple):
    """One server as a task names it; what is None stays as it is.

    :param label: where it stands in the task, for errors: `servers[2]`, or empty
    :param slot: 1 and up, or 0 for the slot that holds this address, else the next free one
    """

    label: str
    slot: int = 0
    ip: str | None = None
    http_port: int = DEFAULT_PORT
    weight: int | None = None
    state: str | None = None

    def option(self, name: str) -> str:
        """The option's name as an error shows it."""
        return f"{self.label}.{name}" if self.label else name


def entry(values: Mapping[str, Any], slots: int, label: str = "") -> Entry:
    """The entry that a task's options describe; raises InvalidInput for the first bad one."""
    blank = Entry(label)
    ip, weight, state = values.get("ip"), values.get("weight"), values.get("state")
    port = values.get("http_port")
    return Entry(
        label,
        whole_number(values.get("slot") or 0, blank.option("slot"), 0, slots),
        None if ip is None else server_ip(ip, blank.option("ip")),
        whole_number(DEFAULT_PORT if port is None else port, blank.option("http_port"), 1, 65535),
        None if weight is None else whole_number(weight, blank.option("weight"), 0, MAX_WEIGHT),
        None if state is None else server_state(state, blank.option("state")),
    )


def entries(
    values: Sequence[Mapping[str, Any]], slots: int, option: str = "servers"
) -> list[Entry]:
    """The entries of a list; raises InvalidInput for a bad one or one that is there twice."""
    if len(values) > slots:
        allowed = f"A pool has {slots} slots"
        raise InvalidInput(option, len(values), "servers are too many for one pool", allowed)
    found = [entry(item, slots, f"{option}[{index}]") for index, item in enumerate(values)]
    for index, item in enumerate(found):
        _refuse_twin(item, found[:index])
    return found


def _refuse_twin(item: Entry, earlier: Sequence[Entry]) -> None:
    for other in earlier:
        if item.slot and item.slot == other.slot:
            allowed = "A slot holds one server"
            raise InvalidInput(item.option("slot"), item.slot, f"is in {other.label} too", allowed)
        if item.ip and (item.ip, item.http_port) == (other.ip, other.http_port):
            shown = Server(item.ip, item.http_port).address
            allowed = "A server stands in a pool once; give it a higher weight instead"
            raise InvalidInput(item.option("ip"), shown, f"is in {other.label} too", allowed)


def merge(present: Pool, named: Sequence[Entry], slots: int, prune: bool = False) -> Pool:
    """The pool's servers after the task; with `prune` only those that the task names.

    Raises InvalidInput for a slot that holds nothing, Conflict where no slot is free or an
    address would stand in two slots.
    """
    placed = _placed(present, named)
    result: Pool = {} if prune else dict(present)
    for slot, item in placed.items():
        result[slot] = _server(item, present.get(slot), slot)
    for item in (item for item in named if item not in placed.values()):
        slot = _next_free(item, {*present, *result}, result, slots)
        result[slot] = _server(item, None, slot)
    _refuse_same_address(result)
    return dict(sorted(result.items()))


def _placed(present: Pool, named: Sequence[Entry]) -> dict[int, Entry]:
    """The entries whose slot is known: they name it, or it holds their address already."""
    placed = {item.slot: item for item in named if item.slot}
    for item in (item for item in named if not item.slot):
        slot = next((s for s, held in present.items() if _holds(held, item)), 0)
        if slot and slot not in placed:
            placed[slot] = item
    return placed


def _holds(held: Server, item: Entry) -> bool:
    return (held.ip, held.http_port) == (item.ip, item.http_port)


def _next_free(item: Entry, avoided: set[int], taken: Pool, slots: int) -> int:
    candidates = range(1, slots + 1)
    for slot in (*(s for s in candidates if s not in avoided), *candidates):
        if slot not in taken:
            return slot
    what = item.label or f"{item.ip}:{item.http_port}"
    raise Conflict(
        f"{what} finds no free slot: all {slots} slots of the pool are in use."
        " Remove a server first, or raise the role's haproxy_pool_slots."
    )


def _server(item: Entry, held: Server | None, slot: int) -> Server:
    if item.ip is not None:
        held = (held or Server(item.ip))._replace(ip=item.ip, http_port=item.http_port)
    if held is None:
        allowed = "Give ip to put a server there, or the slot of a server that exists"
        raise InvalidInput(item.option("slot"), slot, "is a free slot", allowed)
    weight = held.weight if item.weight is None else item.weight
    return held._replace(weight=weight, state=item.state or held.state)


def _refuse_same_address(pool: Pool) -> None:
    seen: dict[tuple[str, int], int] = {}
    for slot, server in pool.items():
        other = seen.setdefault((server.ip, server.http_port), slot)
        if other != slot:
            raise Conflict(
                f"{server.address} would stand in slot {other} and in slot {slot}. A server"
                " stands in a pool once: leave slot out to use the one it has, or remove it there."
            )
