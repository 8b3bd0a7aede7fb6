# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of changes where one domain takes the pool that another one leaves. Pure.

A pool gets its new servers when the last domain that leaves it is gone, or that one's requests
would meet them; and a domain goes when the pool that it goes to has its servers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .._model.servers import FREE, pool_name
from .._runtime.api import RuntimeApi
from .compare import ROUTE, Difference

SETTLE_SECONDS = 0.1


class Settling(NamedTuple):
    """A step that lets requests go that were on their way to the servers of a domain that left."""

    def carry_out(self, _api: RuntimeApi) -> None:
        """Wait."""
        time.sleep(SETTLE_SECONDS)


Leaving = dict[str, list[Difference]]
"""Routes by the pool that they leave."""


def leaving(slots: Sequence[Difference], routes: Sequence[Difference]) -> Leaving:
    """The routes that leave a pool that gets other servers."""
    refilled = {pool_name(d.key[0]) for d in slots if _moves(d)}
    found: Leaving = {}
    for d in routes:
        if d.before in refilled and d.before != d.after:
            found.setdefault(d.before, []).append(d)
    return found


def abandoned(cleared: Sequence[Difference], differences: Sequence[Difference]) -> bool:
    """Whether a domain that goes on to be served leaves a pool that is cleared."""
    pools = {pool_name(d.key[0]) for d in cleared}
    routes = (d for d in differences if d.kind == ROUTE and d.after is not None)
    return any(d.before in pools for d in routes)


def in_turn(slots: Sequence[Difference], left: Leaving) -> Iterator[Difference | Settling]:
    """All slots that get a server, and the routes that leave, in their order.

    A pool that was left waits a moment for the requests that are on their way to it. Domains that
    change places with each other have no such order: they change all at once.
    """
    waiting: dict[str, list[Difference]] = {}
    for d in slots:
        waiting.setdefault(pool_name(d.key[0]), []).append(d)
    while waiting:
        going = [d for routes in left.values() for d in routes if d.after not in waiting]
        yield from going
        if going:
            yield Settling()
        left = {pool: [d for d in routes if d not in going] for pool, routes in left.items()}
        ready = [pool for pool in waiting if not left.get(pool)] or list(waiting)
        for pool in ready:
            yield from waiting.pop(pool)
    for routes in left.values():
        yield from routes


def _moves(d: Difference) -> bool:
    before = d.before or FREE
    return d.after != FREE and (before.ip, before.http_port) != (d.after.ip, d.after.http_port)
