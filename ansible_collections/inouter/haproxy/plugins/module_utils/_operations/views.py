# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the truth in the shape in which modules and the MCP server return them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from .._instance.instance import Instance
from .._instance.settings import Settings
from .._model.errors import NotRunning
from .._model.names import domain_name, is_wildcard
from .._model.servers import Pool, Server, pool_name, slot_name
from .._runtime import commands, replies
from .._runtime.api import RuntimeApi
from .._store.store import Domain, Store, existing_domain


def server_view(pool: int, slot: int, server: Server) -> dict[str, Any]:
    """One server: `slot`, `name`, `ip`, `http_port`, `weight`, `state`."""
    return {"slot": slot, "name": slot_name(pool, slot), **asdict(server)}


def pool_view(pool: int, servers: Pool) -> list[dict[str, Any]]:
    """The servers of one pool, in the order of their slots."""
    return [server_view(pool, slot, server) for slot, server in sorted(servers.items())]


def domain_view(row: Domain, servers: Pool) -> dict[str, Any]:
    """One domain: `domain`, `pool`, `share_with`, `servers`."""
    return {
        "domain": row.domain,
        "pool": pool_name(row.pool),
        "share_with": row.share_with,
        "servers": pool_view(row.pool, servers),
    }


def domain_views(store: Store, names: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The domains of these names, or all; names that are not there are left out."""
    rows = list(store.domains(names))
    pools = store.pools(None if names is None else {row.pool for row in rows})
    return [domain_view(row, pools.get(row.pool, {})) for row in rows]


def list_domains(
    instance: Instance, names: Collection[str] | None = None, include_wildcards: bool = True
) -> list[dict[str, Any]]:
    """The domains of these names, or all, with or without the wildcards."""
    stored = None if names is None else {domain_name(name, "domains") for name in names}
    with instance.store() as store:
        found = domain_views(store, stored)
    return [view for view in found if include_wildcards or not is_wildcard(view["domain"])]


def list_servers(instance: Instance, name: str) -> dict[str, Any]:
    """The servers of one domain with what HAProxy says of each, and the free slots."""
    with instance.store() as store:
        row = existing_domain(store, name)
        servers = store.servers(row.pool)
        slots = Settings.of_rows(store.settings()).pool_slots
    loads = server_loads(instance.api, row.pool)
    views = [
        {**view, **loads.get(view["name"], {"status": None, "connections": None})}
        for view in pool_view(row.pool, servers)
    ]
    free = [slot for slot in range(1, slots + 1) if slot not in servers]
    return {
        "domain": row.domain,
        "pool": pool_name(row.pool),
        "free_slots": free,
        "servers": views,
    }


def server_loads(api: RuntimeApi, pool: int) -> dict[str, dict[str, Any]]:
    """`status` and `connections` (under way or queued) of a pool's slots by server name.

    Nothing where HAProxy does not run.
    """
    try:
        (reply,) = api.ask([commands.show_stat(pool_name(pool))])
    except NotRunning:
        return {}
    return {
        str(row["svname"]): {
            "status": row["status"],
            "connections": int(row["scur"] or 0) + int(row["qcur"] or 0),
        }
        for row in replies.stat_rows(reply)
    }
