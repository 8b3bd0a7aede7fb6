# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: one row for each change, and the mark of a write that was cut off."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import datetime, timezone
from typing import Any

from . import digest
from .store import Store

WINDOW = 50
"""How many generations back the truth can always be taken."""

KEPT_ROWS = 10000
KEPT_BYTES = 65536
"""What a row older than the window may take up for what it changed."""

ANY = 2**63 - 1
"""More than any number of a row."""

_SLACK = 10

PENDING, DONE, RECOVERED, REFUSED = "pending", "done", "recovered", "refused"


def begin(
    connection: sqlite3.Connection,
    action: str,
    changed: dict[tuple[str, Any], tuple[Any, Any]],
    above: int = 0,
) -> int:
    """Add the row of a change that is about to be applied; return its generation.

    That is the next one, and more than `above`. Until `finish` the row is the dirty mark: whoever
    writes next converges everything first.
    """
    query = "INSERT INTO history (generation, at, actor, action, changes, outcome, digest)"
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    last, known = newest_digest(connection)
    after = digest.moved(known, changed) if known else digest.of_rows(Store(connection))
    generation = max(last, above) + 1
    values = (generation, now, actor(), action, _document(changed), PENDING, after)
    connection.execute(f"{query} VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    _forget(connection, generation)
    return generation


def _forget(connection: sqlite3.Connection, generation: int) -> None:
    """Drop the oldest rows, and of those outside the window what takes much room."""
    connection.execute("DELETE FROM history WHERE generation <= ?", (generation - KEPT_ROWS,))
    old = generation - WINDOW
    connection.execute(
        "UPDATE history SET changes = 'null'"
        " WHERE generation BETWEEN ? AND ? AND length(changes) > ?",
        (old - _SLACK, old, KEPT_BYTES),
    )


def newest_digest(connection: sqlite3.Connection) -> tuple[int, str]:
    """The newest generation and the digest of its rows; 0 and nothing where there is none."""
    query = "SELECT generation, digest FROM history ORDER BY generation DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def taken_back(connection: sqlite3.Connection, generation: int) -> None:
    """Note that the rows are again as they were before this generation."""
    before = "SELECT digest FROM history WHERE generation < ? ORDER BY generation DESC LIMIT 1"
    connection.execute(
        f"UPDATE history SET digest = coalesce(({before}), '') WHERE generation = ?",
        (generation, generation),
    )


def finish(
    connection: sqlite3.Connection, generation: int, outcome: str, message: str = ""
) -> None:
    """Write how the change of this generation ended."""
    query = "UPDATE history SET outcome = ?, message = ? WHERE generation = ?"
    # Losing this commit to a power cut costs one needless convergence, so it is not waited for.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(query, (outcome, message, generation))
    connection.execute("PRAGMA synchronous = FULL")


def pending(connection: sqlite3.Connection) -> list[int]:
    """Generations of writes that never ended."""
    query = "SELECT generation FROM history WHERE outcome = 'pending' ORDER BY generation"
    return [row[0] for row in connection.execute(query)]


def last_generation(connection: sqlite3.Connection) -> int:
    """The generation of the newest row; 0 where there is none."""
    row = connection.execute("SELECT max(generation) FROM history").fetchone()
    return int(row[0] or 0)


def actor() -> str:
    """Who makes this change: the login user, who became another one or not, and from where."""
    user = os.environ.get("SUDO_USER") or _login_user()
    source: str | None = (os.environ.get("SSH_CONNECTION") or "").partition(" ")[0]
    return f"{user} from {source}" if source else user


def _login_user() -> str:
    import getpass  # here, for most callers come with sudo and need it not

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _document(changed: dict[tuple[str, Any], tuple[Any, Any]]) -> str:
    rows = [
        {"kind": kind, "name": name, "before": _plain(before), "after": _plain(after)}
        for (kind, name), (before, after) in changed.items()
    ]
    return json.dumps(rows, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value
