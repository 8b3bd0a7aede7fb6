# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the system, or one domain, is well. Read only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..._instance.instance import Instance
from ..._instance.lock import locked
from ..._instance.settings import Settings
from ..._model.errors import Busy, HaproxyError, NotRunning, Unusable
from ..._model.servers import pool_name, slot_name
from ..._runtime import commands, statistics
from ..._runtime.version import require_supported
from ..._store import history
from ..._store.store import Store, existing_domain
from ..config import Run

OK = "ok"
HEALTHY, DEGRADED, DOWN, NO_SERVERS = "healthy", "degraded", "down", "no_servers"

Component = dict[str, Any]


def system_health(instance: Instance, run: Run) -> dict[str, Any]:
    """`status`, and `components`: haproxy, config_files, database and container."""
    settings = Settings()
    try:
        with instance.reading() as store:
            settings = Settings.of_rows(store.settings())
            database = _database(instance, store)
    except HaproxyError as error:
        database = {"status": "error", "message": str(error)}
    components = {
        "haproxy": _haproxy(instance),
        "config_files": _config_files(instance, settings),
        "database": database,
        "container": _container(settings, run),
    }
    return {"status": _overall(components), "components": components}


def _overall(components: Mapping[str, Component]) -> str:
    if components["haproxy"]["status"] != OK:
        return DOWN
    good = all(part["status"] in (OK, "unused") for part in components.values())
    return HEALTHY if good else DEGRADED


def _haproxy(instance: Instance) -> Component:
    try:
        (reply,) = instance.api.ask([commands.show_info()])
        info = statistics.info_fields(reply)
        require_supported(str(info.get("Version")))
    except (NotRunning, Unusable) as error:
        status = "stopped" if isinstance(error, NotRunning) else "error"
        return {"status": status, "message": str(error)}
    return {"status": OK, "version": info["Version"], "uptime_sec": info["Uptime_sec"]}


def _config_files(instance: Instance, settings: Settings) -> Component:
    places = instance.places(settings)
    pools = [places.pool_file(pool) for pool in range(1, settings.pools + 1)]
    named = {"haproxy_cfg": instance.paths.config, "domains_map": places.exact}
    named["wildcards_map"] = places.wildcard
    files = {name: OK if os.access(path, os.R_OK) else "missing" for name, path in named.items()}
    missing = [path for path in pools if not os.path.exists(path)]
    files["pools"] = f"{len(missing)} of {len(pools)} missing" if missing else OK
    good = all(state == OK for state in files.values())
    return {"status": OK if good else "error", "files": files}


def _database(instance: Instance, store: Store) -> Component:
    found = store.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    pending = _cut_off(instance, store)
    state = {
        "domains": store.connection.execute("SELECT count(*) FROM domains").fetchone()[0],
        "pools_used": store.connection.execute(
            "SELECT count(DISTINCT pool) FROM domains"
        ).fetchone()[0],
        "generation": history.last_generation(store.connection),
        "cut_off_writes": pending,
    }
    status = OK if found == "ok" and not pending else "error"
    return {"status": status, "check": found, **state}


def _cut_off(instance: Instance, store: Store) -> list[int]:
    """The writes that were cut off: not one that is under way, whose writer holds the lock."""
    if not history.pending(store.connection):
        return []
    try:
        with locked(instance.paths.lock, "health report", 0), instance.store() as now:
            return history.pending(now.connection)
    except Busy:
        return []


def _container(settings: Settings, run: Run) -> Component:
    name = settings.haproxy_container
    if not name:
        return {"status": "unused"}
    code, out, err = run(["podman", "container", "inspect", "-f", "{{.State.Status}}", name])
    state = out.strip() if code == 0 else err.strip()
    return {"status": OK if state == "running" else "error", "name": name, "state": state}


def domain_health(instance: Instance, name: str) -> dict[str, Any]:
    """`status` and servers of one domain: healthy, degraded, down or no_servers.

    Raises InvalidInput for a domain that the instance does not have.
    """
    with instance.reading() as store:
        row = existing_domain(store, name)
        slots = sorted(store.servers(row.pool).items())
    rows = _stat_rows(instance, row.pool)
    servers = [_server_health(slot_name(row.pool, s), server.address, rows) for s, server in slots]
    healthy = sum(server["healthy"] for server in servers)
    return {
        "domain": row.domain,
        "pool": pool_name(row.pool),
        "status": _domain_status(healthy, len(servers)),
        "servers": servers,
        "healthy_count": healthy,
        "total_count": len(servers),
    }


def _domain_status(healthy: int, total: int) -> str:
    if not total:
        return NO_SERVERS
    return HEALTHY if healthy == total else DEGRADED if healthy else DOWN


def _stat_rows(instance: Instance, pool: int) -> dict[str, dict[str, Any]]:
    try:
        (reply,) = instance.api.ask([commands.show_stat(pool_name(pool))])
    except NotRunning:
        return {}
    return {str(row["svname"]): row for row in statistics.stat_rows(reply)}


def _server_health(
    name: str, address: str, rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    row: Mapping[str, Any] = rows.get(name, {})
    status: str | None = row.get("status")
    return {
        "name": name,
        "addr": row.get("addr", address),
        "status": status,
        "check_status": row.get("check_status"),
        "healthy": bool(status) and (str(status).startswith("UP") or status == "no check"),
    }
