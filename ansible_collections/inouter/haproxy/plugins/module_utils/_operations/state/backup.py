# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the database and the certificates' files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from datetime import datetime, timezone
from typing import Any

from ..._files import archive, atomic
from ..._instance import kept
from ..._instance.guard import require_newest, suspicious
from ..._instance.instance import Instance
from ..._instance.write import Outcome
from ..._model.certificate import file_name
from ..._model.errors import HaproxyError
from ..._model.servers import whole_number
from ..._store import history, past
from ..._store.damage import require_sound
from ..._store.store import Store

DATABASE = "haproxy_mcp.db"
CERTS = "certs/"
MOST_KEPT = 10000
_TO_SECONDS = len("2026-11-22T18:30:00")


def back_up(
    instance: Instance, action: str, dest: str | None, keep: int, check_mode: bool
) -> Outcome:
    """Make a backup unless there is a good one of this generation; keep so many of them."""
    whole_number(keep, "keep", 1, MOST_KEPT)
    folder = dest or instance.paths.backups
    instance.require()
    with instance.lock(action), instance.store() as store, suspicious(store):
        require_newest(instance.paths.database, store)
        require_sound(store)
        outcome = Outcome()
        outcome.generation = history.last_generation(store.connection)
        instance.review(outcome)
        path = _present(folder, store)
        if path is None and not check_mode:
            path = _make(instance, store, folder, outcome.generation)
            outcome.changed = True
        removed = [] if path is None or check_mode else archive.rotate(folder, keep, path)
        checksum = None if path is None else archive.sha256(path)
    outcome.changed |= path is None
    outcome.persisted = outcome.verified = path is not None
    outcome.described = {"backup": path, "sha256": checksum, "removed": removed}
    return outcome


def _present(folder: str, store: Store) -> str | None:
    """The newest backup, where it is good, of the newest generation and not older than that."""
    changes = past.newest(store.connection, 1)
    for path in archive.listed(folder)[-1:]:
        with contextlib.suppress(archive.BadArchive):
            if changes and _holds(archive.checked(path), changes[0]):
                return path
    return None


def _holds(found: archive.Manifest, change: past.Change) -> bool:
    # A database that was made anew has the numbers of older changes for others.
    later = found.at[:_TO_SECONDS] >= change.at[:_TO_SECONDS]
    return later and found.generation == change.generation


def _make(instance: Instance, store: Store, folder: str, generation: int) -> str:
    os.makedirs(folder, 0o700, exist_ok=True)
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    path = f"{folder}/{archive.file_name(generation, at)}"
    archive.write(path, _contents(instance, store), generation, at)
    archive.checked(path)
    return path


def _contents(instance: Instance, store: Store) -> dict[str, bytes]:
    files = {DATABASE: copy_of(store.connection, instance.paths.data)}
    for row in store.certificates():
        pem = kept.content(instance.paths, row)
        if pem is None:
            raise HaproxyError(
                f"The certificate {file_name(row.key)} has no intact file, so no backup can hold"
                " it. Bring it back with haproxy_cert, or remove it."
            )
        files[CERTS + file_name(row.key)] = pem
    return files


def copy_of(connection: sqlite3.Connection, folder: str) -> bytes:
    """The content of a database file that holds what this one does, made by SQLite itself."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = f"{temporary}/{DATABASE}"
        with contextlib.closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return atomic.read(path) or b""


def list_backups(instance: Instance, folder: str | None) -> list[dict[str, Any]]:
    """The backups, newest first, each with whether it can be restored."""
    return [_view(path) for path in reversed(archive.listed(folder or instance.paths.backups))]


def _view(path: str) -> dict[str, Any]:
    view = {"path": path, "bytes": os.path.getsize(path), "good": True, "message": ""}
    try:
        found = archive.checked(path)
    except HaproxyError as error:
        return {**view, "good": False, "message": str(error), "generation": None, "at": None}
    return {**view, "generation": found.generation, "at": found.at}
