# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a write from following a database that is damaged or not the newest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import Damaged
from .._store import history, watermark
from .._store.store import Store


def require_newest(database: str, store: Store) -> None:
    """Raise Damaged where a newer generation than the database knows was applied on this host."""
    held, newest = history.last_generation(store.connection), watermark.read(database)
    if held < newest:
        raise Damaged(
            f"The database is at generation {held}, but generation {newest} was applied on this"
            " host already: its newest changes are lost, or an older file took its place."
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
