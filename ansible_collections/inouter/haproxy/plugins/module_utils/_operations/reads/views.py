# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the truth in the shape in which modules and the MCP server return them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..._model.servers import Pool, Server, pool_name, slot_name
from ..._store.store import Domain, Store


def server_view(pool: int, slot: int, server: Server) -> dict[str, Any]:
    """One server: `slot`, `name`, `ip`, `http_port`, `weight`, `state`."""
    return {"slot": slot, "name": slot_name(pool, slot), **server._asdict()}


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
