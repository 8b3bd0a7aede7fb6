# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until servers in drain have no request under way."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Optional

from .._instance.instance import Instance
from .._instance.settings import Settings
from .._instance.write import write
from .._model.errors import HaproxyError
from .._model.servers import DRAIN, MAINT, slot_name
from .._runtime.api import RuntimeApi
from .server import ABSENT, ServerRequest
from .views import server_loads

PAUSE_SECONDS = 0.2


def drain_first(instance: Instance, request: ServerRequest, timeout: float) -> bool:
    """Drain, and wait for, servers that are about to leave; True where one was not yet drained.

    The lock is free during the wait, so that others can work.
    """
    if request.state not in (MAINT, ABSENT):
        return False
    named = _named(instance, request)
    if not named:
        return False
    servers = [{"slot": slot} for slot in named[1]]
    drain = ServerRequest(request.domain, state=DRAIN, servers=servers)
    outcome = write(instance, "haproxy_server", drain)
    wait_drained(instance.api, *named, timeout)
    return outcome.changed


def wait_for(instance: Instance, request: ServerRequest, timeout: float) -> None:
    """Wait for the servers that the request drained."""
    named = _named(instance, request)
    if request.state == DRAIN and named:
        wait_drained(instance.api, *named, timeout)


def _named(instance: Instance, request: ServerRequest) -> Optional[tuple[int, list[int]]]:
    with instance.store() as store:
        pool, slots = request.slots(store, Settings.of_rows(store.settings()))
    return (pool, slots) if slots else None


class StillBusy(HaproxyError):
    """Requests were under way for longer than was waited."""


def wait_drained(api: RuntimeApi, pool: int, slots: Collection[int], timeout: float) -> None:
    """Wait until these slots serve no request; raises StillBusy after `timeout` seconds.

    A server that is down has nothing to end, and a HAProxy that does not run neither.
    """
    deadline = time.monotonic() + timeout
    busy = _busy(api, pool, slots)
    while busy and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        busy = _busy(api, pool, slots)
    if busy:
        shown = ", ".join(f"{name}: {count}" for name, count in busy.items())
        raise StillBusy(
            f"Requests were still under way after {timeout:g} s ({shown}). The servers stay in"
            " drain; run this task again, or raise drain_timeout."
        )


def _busy(api: RuntimeApi, pool: int, slots: Collection[int]) -> dict[str, int]:
    loads = server_loads(api, pool)
    found = {name: loads[name] for name in (slot_name(pool, s) for s in slots) if name in loads}
    return {
        name: load["connections"]
        for name, load in found.items()
        if load["connections"] and not str(load["status"]).startswith("DOWN")
    }
