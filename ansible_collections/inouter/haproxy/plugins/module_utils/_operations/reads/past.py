# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed and who asked for it. Read only, but for the audit's own rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from ..._instance.instance import Instance
from ..._store import audit
from ..._store.database import transaction
from ..._store.history import ANY
from ..._store.past import count as count_changes
from ..._store.past import newest
from .changes import list_changes

MOST_THINGS = 20
"""How many of the things that one change concerns a page shows."""

Rows = list[dict[str, Any]]


def past(instance: Instance, limit: int = 50) -> dict[str, Any]:
    """The newest `changes` of the truth and the newest `calls` of tools, the newest first."""
    changes = list_changes(instance, limit)
    with instance.reading() as store:
        return {"changes": changes, "calls": audit.calls(store.connection, limit)}


def past_page(
    instance: Instance, section: str = "changes", before: int = ANY, limit: int = 20
) -> dict[str, Any]:
    """A part of the `changes`, or of the `calls`: those with a smaller number than `before`.

    The other list is empty. `total` counts all of them; `next_cursor` is the next `before`. Of a
    change that concerns many things the first are shown, and `left_out` counts the rest.
    """
    rows_of, count, number = _SECTIONS[section]
    with instance.reading() as store:
        rows = rows_of(store.connection, limit + 1, before)
        total = count(store.connection)
    cursor = str(rows[limit - 1][number]) if len(rows) > limit else None
    return {
        "changes": [],
        "calls": [],
        section: rows[:limit],
        "total": total,
        "next_cursor": cursor,
    }


def _changes(connection: sqlite3.Connection, limit: int, before: int) -> Rows:
    return [_cut(change._asdict()) for change in newest(connection, limit, before)]


def _cut(change: dict[str, Any]) -> dict[str, Any]:
    changes = change["changes"] or []
    if len(changes) <= MOST_THINGS:
        return {**change, "left_out": 0}
    return {**change, "changes": changes[:MOST_THINGS], "left_out": len(changes) - MOST_THINGS}


_SECTIONS = {
    "changes": (_changes, count_changes, "generation"),
    "calls": (audit.calls, audit.count, "number"),
}


def begin_call(
    instance: Instance, caller: str, tool: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Write down that a tool is called, before it does anything."""
    with instance.store() as store, transaction(store.connection):
        return {"number": audit.begin(store.connection, caller, tool, arguments)}


def finish_call(instance: Instance, number: int, outcome: str, message: str) -> dict[str, Any]:
    """Write down how it ended."""
    with instance.store() as store, transaction(store.connection):
        audit.finish(store.connection, number, outcome, message)
    return {}
