# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the SQLite database, and its transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import Damaged, NoDatabase, StoreProblem
from . import watermark
from .schema import migrate, version_of

BUSY_SECONDS = 10.0

# Python cannot read some of what SQLite says of a schema that is damaged.
FAILURES = (sqlite3.DatabaseError, UnicodeDecodeError)
# What SQLite says of a file that is not as it wrote it; of a full disk or a lock it says others.
_OF_DAMAGE = ("malformed", "not a database", "no such", "decode", "format", "corrupt", "exists")


def create(path: str) -> bool:
    """Make the database, or bring an older one to the present schema; True where it changed."""
    new = not os.path.exists(path)
    if new:
        _refuse_second(path)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
    connection = _connect(path)
    try:
        if version_of(connection) == 0:
            _refuse_foreign(path, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        return migrate(connection) or new
    except FAILURES as error:
        raise _problem(path, error) from error
    finally:
        connection.close()


def _refuse_second(path: str) -> None:
    generation = watermark.read(path)
    if generation:
        raise Damaged(f"The database {path} is gone; generation {generation} was applied with it.")


def _problem(path: str, error: Exception) -> StoreProblem:
    found = str(error).lower()
    damaged = error.__class__ is sqlite3.DatabaseError or any(word in found for word in _OF_DAMAGE)
    kind = Damaged if damaged else StoreProblem
    return kind(f"SQLite cannot use {path}: {error}.")


def _refuse_foreign(path: str, connection: sqlite3.Connection) -> None:
    _refuse_second(path)
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
        raise StoreProblem(
            f"{path} is not a database of inouter.haproxy. If it is one of the system that this"
            " one succeeds, take it over with haproxy_state state=migrated; else move it away."
        )


def require(path: str) -> None:
    """Raise NoDatabase, saying how to set the host up, where there is none."""
    if not os.path.exists(path):
        _refuse_second(path)
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
            raise Damaged(f"{path} is not a database of inouter.haproxy, or is no longer one.")
        migrate(connection)
        yield connection
    except FAILURES as error:
        raise _problem(path, error) from error
    finally:
        connection.close()


def _connect(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except FAILURES as error:
        raise _problem(path, error) from error
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


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Reads of one moment, that of the first: what others commit meanwhile is not seen."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
