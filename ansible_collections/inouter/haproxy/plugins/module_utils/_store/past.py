# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the history: its rows, and what the truth was at an earlier generation."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._model.certificate import Certificate
from .._model.errors import Damaged, HaproxyError
from .._model.servers import Server
from .digest import Key
from .history import ANY, WINDOW, newest_digest
from .store import Domain


class Change(NamedTuple):
    """One row of the table `history`.

    :param at: ISO 8601, UTC
    :param changes: what was changed, as `kind`, `name`, `before` and `after`; None where that was
        too much to be kept for longer than it can be rolled back
    :param outcome: `pending`, `done`, `recovered` or `refused`
    :param message: why it was refused
    """

    generation: int
    at: str
    actor: str
    action: str
    changes: list[dict[str, Any]] | None
    outcome: str
    message: str


def newest(connection: sqlite3.Connection, limit: int, before: int = ANY) -> list[Change]:
    """The newest changes, newest first, of those older than a generation."""
    query = (
        f"SELECT {', '.join(Change._fields)} FROM history WHERE generation < ?"
        " ORDER BY generation DESC LIMIT ?"
    )
    return [_change(row) for row in connection.execute(query, (before, limit))]


def count(connection: sqlite3.Connection) -> int:
    """How many changes the history has."""
    return int(connection.execute("SELECT count(*) FROM history").fetchone()[0])


def values_at(connection: sqlite3.Connection, generation: int) -> dict[Key, Any]:
    """What has changed since: each thing with the value that it had at that generation.

    Raises HaproxyError for a generation that is too old or that the history does not have,
    Damaged where the history cannot be read.
    """
    reached = _reached(connection)
    if generation not in reached:
        raise HaproxyError(
            f"generation: {generation} cannot be rolled back to. These can: {_spans(reached)}."
            " haproxy_state_info with gather=history lists what each of them did."
        )
    query = "SELECT changes FROM history WHERE generation > ? ORDER BY generation DESC"
    found: dict[Key, Any] = {}
    for (text,) in connection.execute(query, (generation,)):
        # The older row comes last: what it found is what was there at the generation.
        found.update(_befores(text))
    return found


def going_back(connection: sqlite3.Connection) -> Iterator[tuple[str, dict[Key, Any]]]:
    """The digest after each change of the window, newest first, and what each found before it."""
    query = (
        "SELECT digest, changes FROM history WHERE digest != '' AND changes != 'null'"
        " ORDER BY generation DESC LIMIT ?"
    )
    for known, text in connection.execute(query, (WINDOW,)):
        yield str(known), _befores(text)


def digest_at(connection: sqlite3.Connection, generation: int) -> str:
    """The digest of the truth at a generation; empty where none was noted."""
    query = "SELECT digest FROM history WHERE generation <= ? ORDER BY generation DESC LIMIT 1"
    row = connection.execute(query, (generation,)).fetchone()
    return "" if row is None else str(row[0])


def _reached(connection: sqlite3.Connection) -> list[int]:
    """The generations of the window; a restored history lacks those after its backup."""
    oldest = newest_digest(connection)[0] - WINDOW
    query = "SELECT generation FROM history WHERE generation >= ? ORDER BY generation"
    return [row[0] for row in connection.execute(query, (oldest,))]


def _spans(numbers: list[int]) -> str:
    firsts = [number for number in numbers if number - 1 not in numbers]
    lasts = [number for number in numbers if number + 1 not in numbers]
    pairs = zip(firsts, lasts)
    spans = [str(first) if first == last else f"{first} to {last}" for first, last in pairs]
    return ", ".join(spans) or "none"


def _change(row: tuple[Any, ...]) -> Change:
    generation, at, actor, action, changes, outcome, message = row
    return Change(generation, at, actor, action, _parsed(changes), outcome, message)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Damaged("A row of the history holds text that was not written to it.") from None


def _befores(text: str) -> dict[Key, Any]:
    try:
        return {_key(change): _typed(change["kind"], change["before"]) for change in _parsed(text)}
    except (TypeError, KeyError, ValueError):
        raise Damaged("A row of the history holds text that was not written to it.") from None


def _key(change: dict[str, Any]) -> Key:
    name = change["name"]
    return change["kind"], tuple(name) if isinstance(name, list) else name


def _typed(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "domain":
        return Domain(**value)
    if kind == "certificate":
        return Certificate(**value)
    if kind == "pool":
        return {int(slot): Server(**server) for slot, server in value.items()}
    return value
