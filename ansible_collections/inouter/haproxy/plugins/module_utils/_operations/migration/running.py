# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs beside what the original system's files say: traffic must not notice the change."""

from __future__ import annotations

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._model.errors import NotRunning
from ..._model.servers import Server
from ..._reconcile.picture import EVERYTHING
from ..._runtime.commands import show_maps
from ..state.running import running
from ..state.salvage import salvaged
from ..state.whole import Whole
from .truth import Legacy

RUNNING = "HAProxy"


def settings_of_running(instance: Instance, legacy: Legacy) -> Settings:
    """How an instance has to be laid out for what is there, and how HAProxy names its maps."""
    found = salvaged(instance)
    pools = [row.pool for row in legacy.domains.values()]
    slots = [slot for servers in legacy.pools.values() for slot in servers]
    return found._replace(
        pool_count=max(found.pool_count, *pools, *legacy.pools, 1),
        pool_slots=max(found.pool_slots, *slots, 1),
        haproxy_conf=found.haproxy_conf or _conf(instance),
    )


def _conf(instance: Instance) -> str:
    """The folder in which HAProxy itself finds the map of domains, where it is another one."""
    try:
        (reply,) = instance.api.ask([show_maps()])
    except NotRunning:
        return ""
    for line in reply.splitlines():
        path = line.partition("(")[2].partition(")")[0]
        if path.endswith("/domains.map"):
            folder = path.rpartition("/")[0]
            return "" if folder == instance.paths.conf else folder
    return ""


def compare_running(instance: Instance, settings: Settings, legacy: Legacy) -> None:
    """Note as unclear what runs otherwise than the files say; take weights and states from it."""
    observed = instance.observe(settings._replace(https=""), EVERYTHING)
    if observed.runtime is None:
        return
    held = Whole(legacy.domains, legacy.pools, {})
    runs = running(observed, instance.places(settings), held, settings.pools)
    for reason in runs.unclear:
        legacy.refuse(RUNNING, reason.partition(" ")[0], reason)
    _routes(legacy, {name: row.pool for name, row in runs.domains.items()})
    for pool in {*runs.pools, *legacy.pools}:
        _servers(legacy, pool, runs.pools.get(pool, {}))


def _routes(legacy: Legacy, runs: dict[str, int]) -> None:
    for name in sorted({*runs, *legacy.domains}):
        row, pool = legacy.domains.get(name), runs.get(name)
        if row is None:
            legacy.refuse(RUNNING, name, f"It runs in pool_{pool}, and no file names it.")
        elif pool != row.pool:
            where = "does not run" if pool is None else f"runs in pool_{pool}"
            legacy.refuse(RUNNING, name, f"It {where}, but should be in pool_{row.pool}.")


def _servers(legacy: Legacy, pool: int, runs: dict[int, Server]) -> None:
    written = legacy.pools.setdefault(pool, {})
    for slot in sorted({*runs, *written}):
        server, row = runs.get(slot), written.get(slot)
        name = f"pool_{pool}_{slot}"
        if server is not None and row is not None and server.address == row.address:
            written[slot] = server
        elif server is None and row is not None:
            legacy.refuse(RUNNING, name, f"It is free, but should be {row.address}.")
        elif server is not None:
            shown = "no file names it" if row is None else f"it should be {row.address}"
            legacy.refuse(RUNNING, name, f"It runs with {server.address}, and {shown}.")
