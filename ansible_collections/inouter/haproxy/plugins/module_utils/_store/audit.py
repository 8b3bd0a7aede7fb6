# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: one row for each call of a tool that writes, also of those that were refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .history import ANY

STARTED, DONE, UNCHANGED, REFUSED, FAILED = OUTCOMES = (
    "started",
    "done",
    "unchanged",
    "refused",
    "failed",
)
KEPT_CALLS = 10000


def begin(
    connection: sqlite3.Connection, caller: str, tool: str, arguments: Mapping[str, Any]
) -> int:
    """Add a call's row and return its number; a call that never ends stays `started`.

    The arguments must hold no secrets. Only the newest KEPT_CALLS rows are kept.
    """
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    document = json.dumps(arguments, separators=(",", ":"), sort_keys=True)
    query = "INSERT INTO audit (at, caller, tool, arguments, outcome) VALUES (?, ?, ?, ?, ?)"
    added = connection.execute(query, (now, caller, tool, document, STARTED))
    number = int(added.lastrowid or 0)
    connection.execute("DELETE FROM audit WHERE number <= ?", (number - KEPT_CALLS,))
    return number


def finish(connection: sqlite3.Connection, number: int, outcome: str, message: str = "") -> None:
    """Write how the call of this number ended."""
    query = "UPDATE audit SET outcome = ?, message = ? WHERE number = ?"
    connection.execute(query, (outcome, message, number))


def calls(connection: sqlite3.Connection, limit: int, before: int = ANY) -> list[dict[str, Any]]:
    """The newest calls, the newest first, of those older than a number."""
    names = ("number", "at", "caller", "tool", "arguments", "outcome", "message")
    where = "WHERE number < ? ORDER BY number DESC LIMIT ?"
    query = f"SELECT {', '.join(names)} FROM audit {where}"
    found = (dict(zip(names, row)) for row in connection.execute(query, (before, limit)))
    return [{**row, "arguments": json.loads(row["arguments"])} for row in found]


def count(connection: sqlite3.Connection) -> int:
    """How many calls are kept."""
    return int(connection.execute("SELECT count(*) FROM audit").fetchone()[0])
