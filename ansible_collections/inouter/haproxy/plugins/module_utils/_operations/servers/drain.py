# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until servers in drain have no request under way."""

from __future__ import annotations

import time
from collections.abc import Collection

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.write import Outcome, write
from ..._model.errors import HaproxyError
from ..._model.servers import DRAIN, MAINT, slot_name
from ..._runtime.api import RuntimeApi
from ..reads.lists import server_loads
from .server import ABSENT, ServerRequest

ACTION = "haproxy_server"
PAUSE_SECONDS = 0.2


def write_drained(instance: Instance, request: ServerRequest, timeout: float) -> Outcome:
    """Carry the request out, and wait until the servers that it takes out of work are empty.

    Servers that go to maint, or away, are drained first. The lock is free during the wait, so
    that others can work. Raises StillBusy; the servers then stay in drain.
    """
    planned = write(instance, ACTION, request, check_mode=True)
    named = _named(instance, request)
    leaves = planned.changed and request.state in (MAINT, ABSENT)
    drained = leaves and _drain(instance, request, named, timeout)
    outcome = write(instance, ACTION, request)
    if request.state == DRAIN:
        wait_drained(instance.api, *named, timeout)
    if drained:
        outcome.changed = True
        outcome.rows, outcome.differences = planned.rows, planned.differences
    return outcome


def _drain(
    instance: Instance, request: ServerRequest, named: tuple[int, list[int]], timeout: float
) -> bool:
    servers = [{"slot": slot} for slot in named[1]]
    outcome = write(instance, ACTION, ServerRequest(request.domain, DRAIN, servers=servers))
    wait_drained(instance.api, *named, timeout)
    return outcome.changed


def _named(instance: Instance, request: ServerRequest) -> tuple[int, list[int]]:
    with instance.store() as store:
        return request.slots(store, Settings.of_rows(store.settings()))


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
