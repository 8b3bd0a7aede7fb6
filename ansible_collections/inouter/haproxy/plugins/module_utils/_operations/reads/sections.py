# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One section of HAProxy's statistics, a page at a time. Read only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._instance.instance import Instance
from ..._model.errors import InvalidInput
from ..._model.servers import pool_name, slot_name
from ..._runtime import commands, statistics
from ..._store.store import Store, existing_domain
from .offsets import cursor_behind
from .stats import Row

PROCESS, FRONTENDS, BACKENDS, SERVERS = SECTIONS = ("process", "frontends", "backends", "servers")
_TYPES = {FRONTENDS: 1, BACKENDS: 2}


def section_page(
    instance: Instance,
    section: str,
    domain: str | None = None,
    fields: Sequence[str] | None = None,
    offset: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """`rows` of a section from `offset` on, their `total`, and `next_cursor` where there are more.

    With a domain only what belongs to its pool; with `fields` only these, in the names of
    HAProxy's management manual. Raises NotRunning.
    """
    if section == PROCESS:
        (reply,) = instance.api.ask([commands.show_info()])
        found: tuple[list[Row], int] = [statistics.info_fields(reply)], 1
    elif section == SERVERS:
        found = _servers(instance, domain, offset, limit)
    else:
        found = _proxies(instance, section, domain, offset, limit)
    rows, total = found
    cursor = cursor_behind(offset, limit, total)
    return {"rows": _only(rows, fields), "total": total, "next_cursor": cursor}


def _proxies(
    instance: Instance, section: str, domain: str | None, offset: int, limit: int
) -> tuple[list[Row], int]:
    (reply,) = instance.api.ask([commands.show_stat_type(_TYPES[section])])
    head, *lines = reply.splitlines()
    if domain is not None and section == BACKENDS:
        with instance.reading() as store:
            pool = pool_name(existing_domain(store, domain).pool)
        lines = [line for line in lines if line.startswith(f"{pool},")]
    return _parsed(head, lines[offset : offset + limit]), len(lines)


def _servers(
    instance: Instance, domain: str | None, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Only the pools of the page are asked for, since free slots outnumber servers by far."""
    with instance.reading() as store:
        keys = _slots(store, domain)
    page = keys[offset : offset + limit]
    pools = sorted({pool for pool, _slot in page})
    names = {f"{pool_name(pool)},{slot_name(pool, slot)}" for pool, slot in page}
    rows: list[Row] = []
    for reply in instance.api.ask([commands.show_stat(pool_name(pool)) for pool in pools]):
        head, *lines = reply.splitlines()
        rows += _parsed(head, [line for line in lines if _key(line) in names])
    return rows, len(keys)


def _slots(store: Store, domain: str | None) -> list[tuple[int, int]]:
    numbers = None if domain is None else [existing_domain(store, domain).pool]
    pools = store.pools(numbers)
    return sorted((pool, slot) for pool, servers in pools.items() for slot in servers)


def _key(line: str) -> str:
    """`pxname,svname` of a line: to take a line apart costs more than to find it."""
    return line[: line.index(",", line.index(",") + 1)]


def _parsed(head: str, lines: Sequence[str]) -> list[Row]:
    return statistics.stat_rows("\n".join([head, *lines]))


def _only(rows: list[Row], fields: Sequence[str] | None) -> list[Row]:
    if fields is None or not rows:
        return rows
    unknown = [name for name in fields if name not in rows[0]]
    if unknown:
        allowed = f"This HAProxy has: {', '.join(rows[0])}"
        raise InvalidInput("fields", unknown[0], "is no field of this section", allowed)
    return [{name: row[name] for name in fields} for row in rows]
