# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan, second half: the differences in the order in which they are removed. Pure.

Servers come before the routes that need them, and routes go before the servers they used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Union

from .._files import map_file
from .._model.names import is_wildcard
from .._model.servers import FREE
from .._runtime import commands
from .._runtime.commands import Command
from . import slot_steps
from .compare import FILES, MAP_FILE, POOL_FILE, ROUTE, RUNTIME, SLOT, Difference
from .observe import Places
from .picture import MANY, Runtime, SlotKey, Wanted
from .slot_steps import Moved
from .succession import Settling, abandoned, in_turn, leaving

if TYPE_CHECKING:
    from .._runtime.maps import MapSwap


Step = Union[Command, "MapSwap", Moved, Settling]


def runtime_steps(
    differences: Iterable[Difference], runtime: Runtime, places: Places
) -> list[Step]:
    """What to tell HAProxy, in order."""
    found = [d for d in differences if d.side == RUNTIME]
    slots = [d for d in found if d.kind == SLOT]
    routes = [d for d in found if d.kind == ROUTE]
    filled = [d for d in slots if d.after != FREE]
    early = leaving(filled, routes) if routes else {}
    waiting = slot_steps.waiting_for_a_check(slots, runtime)
    steps = list(_filled(in_turn(filled, early), waiting, runtime, places))
    done = {d.key for left in early.values() for d in left}
    if len(routes) > MANY:
        from .large_scope import swaps  # here, for most writes change a few domains

        swapped, routes = swaps(routes, runtime, places)
        steps += swapped
    routes = [d for d in routes if d.key not in done]
    for d in (d for d in routes if d.after is not None):
        steps += _route(d, runtime, places)
    for d in (d for d in routes if d.after is None):
        steps += _unroute(d, runtime, places)
    cleared = [d for d in slots if d.after == FREE]
    if abandoned(cleared, found):
        steps.append(Settling())
    return [*steps, *slot_steps.clear(cleared)]


def _filled(
    turns: Iterable[Difference | Settling],
    waiting: set[SlotKey],
    runtime: Runtime,
    places: Places,
) -> Iterator[Step]:
    """Servers in their slots, and what has to leave a pool before it gets them."""
    slots: list[Difference] = []
    for d in turns:
        if isinstance(d, Difference) and d.kind == SLOT:
            slots.append(d)
            continue
        yield from slot_steps.fill(slots, waiting)
        slots = []
        yield from [d] if isinstance(d, Settling) else _reroute(d, runtime, places)
    yield from slot_steps.fill(slots, waiting)


def _reroute(d: Difference, runtime: Runtime, places: Places) -> Iterator[Command]:
    step = _unroute if d.after is None else _route
    return step(d, runtime, places)


def _route(d: Difference, runtime: Runtime, places: Places) -> Iterator[Command]:
    path, domain = places.entry(d.key)
    if d.key not in runtime.routes:
        yield commands.add_map(path, domain, d.after)
        return
    for entry in runtime.references.get(d.key, [])[1:]:
        yield commands.del_map_entry(*entry)
    yield commands.set_map(path, domain, d.after)


def _unroute(d: Difference, runtime: Runtime, places: Places) -> Iterator[Command]:
    entries = runtime.references.get(d.key)
    if entries is None:
        yield commands.del_map(*places.entry(d.key))
        return
    for entry in entries:
        yield commands.del_map_entry(*entry)


def file_contents(
    differences: Iterable[Difference],
    wanted: Wanted,
    files: dict[str, bytes | None],
    places: Places,
) -> list[tuple[str, bytes | map_file.Content | None]]:
    """Which files to write with what, or to remove, in order."""
    found = [d for d in differences if d.side == FILES]
    pools = [d for d in found if d.kind == POOL_FILE]
    used = _used_pools(wanted)
    first = [(places.pool_file(d.key), d.after) for d in pools if d.key in used]
    last = [(places.pool_file(d.key), d.after) for d in pools if d.key not in used]
    maps = [
        (path, content)
        for path in places.maps
        for content in _map_contents(path, found, wanted, files, places)
    ]
    return [*first, *maps, *last]


def _used_pools(wanted: Wanted) -> set[int]:
    return {pool for (pool, _slot), server in wanted.slots.items() if server != FREE}


def _map_contents(
    path: str,
    found: Sequence[Difference],
    wanted: Wanted,
    files: dict[str, bytes | None],
    places: Places,
) -> Iterator[bytes | map_file.Content]:
    routes = [d for d in found if d.kind == ROUTE and places.map_of(d.key) == path]
    anew = any(d.kind == MAP_FILE and d.key == path for d in found)
    if anew or (routes and wanted.scope.large):
        wildcards = path == places.wildcard
        yield map_file.render(r for r in wanted.all_routes() if is_wildcard(r[0]) == wildcards)
    elif routes:
        removed = [d.key for d in routes if d.before is not None]
        added = {d.key: d.after for d in routes if d.after is not None}
        yield map_file.changed(files[path] or b"", removed, added)
