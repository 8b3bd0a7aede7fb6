# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading domains and servers: what the database holds, beside what HAProxy says. Read only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._model.errors import NotRunning
from ..._model.names import domain_name, is_wildcard
from ..._model.servers import pool_name
from ..._runtime import commands, statistics
from ..._runtime.api import RuntimeApi
from ..._store.store import existing_domain
from .views import domain_views, pool_view


def list_domains(
    instance: Instance, names: Collection[str] | None = None, include_wildcards: bool = True
) -> list[dict[str, Any]]:
    """The domains of these names, or all, with or without the wildcards."""
    stored = None if names is None else {domain_name(name, "domains") for name in names}
    with instance.reading() as store:
        found = domain_views(store, stored)
    return [view for view in found if include_wildcards or not is_wildcard(view["domain"])]


def list_servers(instance: Instance, name: str) -> dict[str, Any]:
    """The servers of one domain with what HAProxy says of each, and the free slots."""
    with instance.reading() as store:
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
        for row in statistics.stat_rows(reply)
    }
