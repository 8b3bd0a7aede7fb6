# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the original system left on this host."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence

from ..._files import atomic, map_file
from .files import (
    CERTIFICATE,
    DOMAIN,
    SERVER,
    Found,
    of_certificates,
    of_map,
    of_rows,
    of_servers,
)
from .truth import Legacy, Verdict

DATABASE = "haproxy_mcp.db"
MAPS = ("domains.map", "wildcards.map")
SERVERS, CERTIFICATES = "servers.json", "certificates.json"
NAMES = (DATABASE, f"{DATABASE}-wal", *MAPS, SERVERS, CERTIFICATES)

_TABLES = {DOMAIN: "domain", SERVER: "server", CERTIFICATE: "cert"}
_OURS = {"settings", "pools", "history"}


class Sources:
    """The contents of these files in the first of the folders that has each.

    What this collection wrote itself is none of them.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self.paths: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}
        for name in NAMES:
            for path in (f"{folder}/{name}" for folder in folders):
                content = None if name in self.contents else atomic.read(path)
                if content is not None and not _is_ours(name, path, content):
                    self.contents[name], self.paths[name] = content, path

    def read(self) -> Legacy:
        """All that they say. The database came last, so what is older is not believed."""
        legacy = Legacy()
        if DATABASE in self.contents:
            tables = {kind: list(self._table(kind)) for kind in _TABLES}
            for kind in (DOMAIN, SERVER, CERTIFICATE):
                legacy.add(sorted(tables[kind], key=lambda found: "pool" not in found.values))
            legacy.add(self._maps())
            for name in (SERVERS, CERTIFICATES):
                if name in self.contents:
                    reason = "The database is newer: it was made from this file."
                    legacy.notes.append(Verdict(self.paths[name], "the whole file", reason))
        else:
            legacy.add(self._maps())
            legacy.add(of_servers(*self._text(SERVERS)))
            legacy.add(of_certificates(*self._text(CERTIFICATES)))
        legacy.close()
        return legacy

    def keep(self, folder: str, certs: str) -> None:
        """Copy them and the certificates there, for their owner alone; what is there stays."""
        for made in (folder, f"{folder}/certs"):
            os.makedirs(made, 0o700, exist_ok=True)
        new = {f"{folder}/{name}": content for name, content in self.contents.items()}
        for name in os.listdir(certs):
            if name.endswith(".pem"):
                new[f"{folder}/certs/{name}"] = atomic.read(f"{certs}/{name}") or b""
        missing = {path: text for path, text in new.items() if not os.path.exists(path)}
        atomic.write_all(missing, 0o600)

    def _maps(self) -> Iterator[Found]:
        for name in MAPS:
            if name in self.contents:
                yield from of_map(self.paths[name], map_file.entries(self.contents[name]))

    def _text(self, name: str) -> tuple[str, str]:
        content = self.contents.get(name, b"[]")
        return self.paths.get(name, name), content.decode("utf-8", "replace")

    def _table(self, kind: str) -> Iterator[Found]:
        source = self.paths[DATABASE]
        with tempfile.TemporaryDirectory() as folder:
            for name in (DATABASE, f"{DATABASE}-wal"):
                if name in self.contents:
                    atomic.write_all({f"{folder}/{name}": self.contents[name]}, 0o600)
            try:
                with contextlib.closing(sqlite3.connect(f"{folder}/{DATABASE}")) as connection:
                    yield from _rows(connection, source, kind)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                yield Found(source, "the whole file", kind, {}, f"SQLite cannot read it: {error}.")


def _rows(connection: sqlite3.Connection, source: str, kind: str) -> Iterator[Found]:
    tables = [name for name in sorted(_tables(connection)) if _TABLES[kind] in name.lower()]
    if not tables and kind != CERTIFICATE:
        yield Found(source, f"table of {kind}s", kind, {}, "There is no such table.")
    for table in tables[:1]:
        quoted = table.replace('"', '""')
        cursor = connection.execute(f'SELECT * FROM "{quoted}"')
        columns = [column[0] for column in cursor.description]
        rows = (dict(zip(columns, row)) for row in cursor)
        yield from of_rows(f"{source} ({table})", kind, rows)


def _tables(connection: sqlite3.Connection) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return {row[0] for row in connection.execute(query)}


def is_our_database(path: str) -> bool:
    """Whether there is a database of this collection, damaged or not."""
    if not os.path.exists(path):
        return False
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return _tables(connection) >= _OURS
    except sqlite3.DatabaseError:
        return False


def _is_ours(name: str, path: str, content: bytes) -> bool:
    if name == DATABASE:
        return is_our_database(path)
    return content.startswith(map_file.HEADER) or (
        name.endswith("-wal") and is_our_database(path[: -len("-wal")])
    )
