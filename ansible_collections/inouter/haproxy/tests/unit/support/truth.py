# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases for tests, and what is in them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._store import database, schema
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store

Rows = dict[str, list[tuple[object, ...]]]


@contextlib.contextmanager
def new_store(folder: Path, pools: int = 5) -> Iterator[Store]:
    """A store in a new database with so many pools and no domain."""
    path = str(folder / "truth.db")
    database.create(path)
    with database.opened(path) as connection:
        Store(connection).set_pool_count(pools)
        yield Store(connection)


@contextlib.contextmanager
def memory_store(pools: int = 5) -> Iterator[Store]:
    """The same on no disk, for tests that need many."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        Store(connection).set_pool_count(pools)
        yield Store(connection)


def tables(connection: sqlite3.Connection) -> Rows:
    """Every row of every table but the history's."""
    names = ("settings", "pools", "domains", "servers")
    return {name: list(connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in names}


@contextlib.contextmanager
def behind_the_back(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Change a database as no module does."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def dump(path: str) -> list[str]:
    """The whole database as SQL."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def files(instance: Instance) -> dict[str, bytes]:
    """Every file below conf/ but the database's own."""
    found = sorted(Path(instance.paths.conf).rglob("*"))
    kept = (path for path in found if path.is_file() and ".db" not in path.name)
    return {str(path.relative_to(instance.paths.conf)): path.read_bytes() for path in kept}


def everything(instance: Instance) -> tuple[list[str], dict[str, bytes]]:
    """The database and the files."""
    return dump(instance.paths.database), files(instance)
