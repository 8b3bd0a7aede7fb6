# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the database still holds what was written to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._model.errors import Damaged
from . import digest, history
from .digest import Key
from .store import Store


def require_sound(store: Store, changed: Mapping[Key, tuple[Any, Any]] | None = None) -> None:
    """Raise Damaged where SQLite finds the file broken, or rows are not those that were written.

    `changed` are edits of the transaction under way. SQLite's own check finds what is broken in
    the file's structure, the digest what changed inside of a row.
    """
    (found,) = store.connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise Damaged(f"SQLite's own check of the database says: {found}.")
    generation, known = history.newest_digest(store.connection)
    if known and digest.of_rows(store) != digest.moved(known, changed or {}):
        raise Damaged(
            f"The rows of the database are not those that generation {generation} left in it."
        )
