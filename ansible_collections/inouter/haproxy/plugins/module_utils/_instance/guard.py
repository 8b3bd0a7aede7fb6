# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a write from following a database that is damaged or not the newest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import Conflict, Damaged
from .._store import history, watermark
from .._store.store import Store


def require_newest(database: str, store: Store) -> None:
    """Raise Damaged where a newer generation than the database knows was applied on this host."""
    # In this order: a write beside this raises the generation first.
    newest = watermark.read(database)
    held = history.last_generation(store.connection)
    if held < newest:
        raise Damaged(
            f"The database is at generation {held}, but generation {newest} was applied on this"
            " host already: its newest changes are lost, or an older file took its place."
        )


def require_expected(expected: int | None, store: Store) -> None:
    """Raise Conflict where another generation is expected than the newest one."""
    held = history.last_generation(store.connection)
    if expected not in (None, held):
        raise Conflict(
            f"expected_generation: {expected} is not the newest generation of this host, which is"
            f" {held}: somebody has changed it since. Look at the change again, and give {held}."
        )


@contextmanager
def suspicious(store: Store) -> Iterator[None]:
    """Where something fails, see whether a damaged database is why, and raise Damaged then."""
    try:
        yield
    except Damaged:
        raise
    except Exception:
        from .._store.damage import require_sound  # here, for most writes succeed

        require_sound(Store(store.connection))
        raise
