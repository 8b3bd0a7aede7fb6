# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the SQLite database, and its transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import NoDatabase, StoreProblem
from .schema import migrate, version_of

BUSY_SECONDS = 10.0


def create(path: str) -> bool:
    """Make the database, or bring an older one to the present schema; True where it changed."""
    new = not os.path.exists(path)
    if new:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
    connection = _connect(path)
    try:
        if version_of(connection) == 0 and _has_tables(connection):
            raise StoreProblem(f"{path} is not a database of inouter.haproxy. Move it away first.")
        connection.execute("PRAGMA journal_mode = WAL")
        return migrate(connection) or new
    except sqlite3.DatabaseError as error:
        raise StoreProblem(f"SQLite reports for {path}: {error}") from error
    finally:
        connection.close()


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def require(path: str) -> None:
    """Raise NoDatabase, saying how to set the host up, where there is none."""
    if not os.path.exists(path):
        raise NoDatabase(
            f"There is no database at {path}. Check base_dir, or set the host up first with the"
            " role inouter.haproxy.haproxy or the module inouter.haproxy.haproxy_instance."
        )


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """An open connection to an existing database. Raises StoreProblem in words for people."""
    require(path)
    connection = _connect(path)
    try:
        if version_of(connection) == 0:
            raise StoreProblem(f"{path} is not a database of inouter.haproxy: it has no tables.")
        migrate(connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise StoreProblem(f"SQLite reports for {path}: {error}") from error
    finally:
        connection.close()


def _connect(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.DatabaseError as error:
        raise StoreProblem(f"SQLite cannot open {path}: {error}") from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: committed at the end, rolled back by any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
