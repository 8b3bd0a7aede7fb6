# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that make a pool while HAProxy runs, which HAProxy 3.4 and newer understand.

Each of them may be sent again: one that was done before counts as done. The replies were measured
on HAProxy 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._model.servers import FREE, pool_name, slot_name
from .commands import Command, expression, word

SINCE = (3, 4)


def add_backend(pool: int, defaults: str) -> Command:
    """Makes the pool with what this `defaults` section says. No request reaches it yet."""
    name = pool_name(pool)
    taken = f"name is already used by other proxy 'backend {name}'"
    return Command(
        f"add backend {name} from {word(defaults)}",
        lambda reply: reply == "New backend registered." or taken in reply,
    )


def publish_backend(pool: int) -> Command:
    """Lets routes lead to the pool."""
    return Command(
        f"publish backend {pool_name(pool)}", lambda reply: reply == "Backend published."
    )


def add_slot(pool: int, slot: int, options: Sequence[str]) -> Command:
    """Makes a free slot in maintenance. `default-server` does not count here, `options` do."""
    words = " ".join(map(expression, options))
    line = f"add server {pool_name(pool)}/{slot_name(pool, slot)} {FREE.address} {words}"
    done = ("New server registered.", "Already exists a server with the same name in backend.")
    return Command(line.rstrip(), lambda reply: reply in done)


def enable_checks(pool: int, slot: int) -> Command:
    """Starts the health checks of a slot that was made with `check`."""
    return Command(f"enable health {pool_name(pool)}/{slot_name(pool, slot)}")
