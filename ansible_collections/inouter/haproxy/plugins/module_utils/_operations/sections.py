# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One section of HAProxy's statistics, a page at a time. Read only."""

from __future__ import annotations

from typing import Any

from .._instance.instance import Instance
from .._model.servers import pool_name, slot_name
from .._runtime import commands, statistics
from .._store.store import Store, existing_domain
from .stats import Row

PROCESS, FRONTENDS, BACKENDS, SERVERS = SECTIONS = ("process", "frontends", "backends", "servers")
_TYPES = {FRONTENDS: 1, BACKENDS: 2}


def section_page(
    instance: Instance,
    section: str,
    domain: str | None = None,
    offset: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """`rows` of a section from `offset` on, their `total`, and `next_cursor` where there are more.

    With a domain only what belongs to its pool. Raises NotRunning.
    """
    if section == SERVERS:
        rows, total = _servers(instance, domain, offset, limit)
    else:
        found = _section(instance, section, domain)
        rows, total = found[offset : offset + limit], len(found)
    following = offset + limit
    cursor = str(following) if following < total else None
    return {"section": section, "rows": rows, "total": total, "next_cursor": cursor}


def _section(instance: Instance, section: str, domain: str | None) -> list[Row]:
    if section == PROCESS:
        (reply,) = instance.api.ask([commands.show_info()])
        return [statistics.info_fields(reply)]
    (reply,) = instance.api.ask([commands.show_stat_type(_TYPES[section])])
    rows = statistics.stat_rows(reply)
    if domain is None or section == FRONTENDS:
        return rows
    with instance.store() as store:
        pool = pool_name(existing_domain(store, domain).pool)
    return [row for row in rows if row["pxname"] == pool]


def _servers(
    instance: Instance, domain: str | None, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Only the pools of the page are asked for, since free slots outnumber servers by far."""
    with instance.store() as store:
        keys = _slots(store, domain)
    page = keys[offset : offset + limit]
    pools = sorted({pool for pool, _slot in page})
    replies = instance.api.ask([commands.show_stat(pool_name(pool)) for pool in pools])
    found = {row["svname"]: row for reply in replies for row in statistics.stat_rows(reply)}
    names = [slot_name(*key) for key in page]
    return [found[name] for name in names if name in found], len(keys)


def _slots(store: Store, domain: str | None) -> list[tuple[int, int]]:
    numbers = None if domain is None else [existing_domain(store, domain).pool]
    pools = store.pools(numbers)
    return sorted((pool, slot) for pool, servers in pools.items() for slot in servers)
