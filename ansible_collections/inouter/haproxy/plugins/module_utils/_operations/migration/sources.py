# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the original system left on this host."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from ..._files import atomic, map_file, sqlite_files
from ..._store.database import FAILURES
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
NAMES = (DATABASE, *MAPS, SERVERS, CERTIFICATES)

_LOGS = tuple(f"{DATABASE}{suffix}" for suffix in sqlite_files.LOGS)
_TABLES = {DOMAIN: "domain", SERVER: "server", CERTIFICATE: "cert"}
_OURS = {"settings", "pools", "history"}


class Sources:
    """The contents of these files in the first of the folders that has each.

    What this collection wrote itself is none of them. All of them stay as they are.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self.paths: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}
        for folder in folders:
            found = _left(folder)
            # A log belongs to the database beside it, and to none in another folder.
            known = {*self.contents, *(_LOGS if DATABASE in self.contents else ())}
            for name in found.keys() - known:
                self.contents[name], self.paths[name] = found[name], f"{folder}/{name}"

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
        """Copy them and the certificates there, for their owner alone.

        Certificates that are there stay, for those in use may be newer.
        """
        for made in (folder, f"{folder}/certs"):
            os.makedirs(made, 0o700, exist_ok=True)
        new = {f"{folder}/{name}": content for name, content in self.contents.items()}
        new = {path: content for path, content in new.items() if atomic.read(path) != content}
        for name in os.listdir(certs):
            path = f"{folder}/certs/{name}"
            if name.endswith(".pem") and not os.path.exists(path):
                new[path] = atomic.read(f"{certs}/{name}") or b""
        atomic.remove_all(f"{folder}/{name}" for name in _LOGS if name not in self.contents)
        atomic.write_all(new, 0o600)

    def _maps(self) -> Iterator[Found]:
        for name in MAPS:
            if name in self.contents:
                yield from of_map(self.paths[name], map_file.entries(self.contents[name]))

    def _text(self, name: str) -> tuple[str, str]:
        content = self.contents.get(name, b"[]")
        return self.paths.get(name, name), content.decode("utf-8", "replace")

    def _table(self, kind: str) -> Iterator[Found]:
        source = self.paths[DATABASE]
        try:
            with _opened(self.contents) as connection:
                yield from _rows(connection, source, kind)
        except FAILURES as error:
            yield Found(source, "the whole file", kind, {}, f"SQLite cannot read it: {error}.")


def _left(folder: str) -> dict[str, bytes]:
    """What the original system left in a folder, the database with its logs, by name."""
    database = sqlite_files.read(f"{folder}/{DATABASE}")
    found = {} if _is_ours(database) else dict(database)
    for name in (*MAPS, SERVERS, CERTIFICATES):
        content = atomic.read(f"{folder}/{name}")
        if content is not None and not content.startswith(map_file.HEADER):
            found[name] = content
    return found


@contextmanager
def _opened(contents: Mapping[str, bytes]) -> Iterator[sqlite3.Connection]:
    database = {name: contents[name] for name in (DATABASE, *_LOGS) if name in contents}
    with sqlite_files.copied(DATABASE, database) as path, closing(sqlite3.connect(path)) as opened:
        yield opened


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


def holds_our_database(folder: str) -> bool:
    """Whether there is a database of this collection, damaged or not; it stays as it is."""
    return _is_ours(sqlite_files.read(f"{folder}/{DATABASE}"))


def _is_ours(database: Mapping[str, bytes]) -> bool:
    if not database:
        return False
    try:
        with _opened(database) as connection:
            return _tables(connection) >= _OURS
    except FAILURES:
        return False
