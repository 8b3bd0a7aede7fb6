# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The original system's database as a server leaves it that is killed: with a log beside it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

NAME = "haproxy_mcp.db"
OLD, NEW = "10.0.0.1", "10.9.9.9"


def killed_after_a_write(folder: Path) -> None:
    """Leave a.test in pool_3 there, its server's newest address in the write-ahead log alone."""
    with contextlib.closing(_database(folder, "WAL")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE servers SET ip = ?", (NEW,))
        _leave(folder, "-wal")


def killed_amid_a_write(folder: Path) -> None:
    """The same with half of a transaction in the file, and how to undo it in the journal."""
    with contextlib.closing(_database(folder, "DELETE")) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("UPDATE servers SET ip = ?", (NEW,))
        connection.execute("INSERT INTO domains VALUES (?, 'pool_4')", ("x" * 100_000,))
        _leave(folder, "-journal")


def _database(folder: Path, journal_mode: str) -> sqlite3.Connection:
    live = folder.parent / "live"
    live.mkdir()
    connection = sqlite3.connect(live / NAME, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {journal_mode}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("CREATE TABLE domains (domain, backend)")
    connection.execute("CREATE TABLE servers (backend, slot, ip)")
    connection.execute("INSERT INTO domains VALUES ('a.test', 'pool_3')")
    connection.execute("INSERT INTO servers VALUES ('pool_3', 1, ?)", (OLD,))
    return connection


def _leave(folder: Path, log: str) -> None:
    """Copy the files while the connection is open, which would tidy up at its end."""
    for name in (NAME, f"{NAME}{log}"):
        shutil.copyfile(folder.parent / "live" / name, folder / name)
