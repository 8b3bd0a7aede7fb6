# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new database for an instance whose own is damaged: its settings, from where they still are."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import tempfile
from collections.abc import Mapping

from ..._files import archive, atomic, pool_file, sqlite_files
from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._model.errors import HaproxyError, NotRunning
from ..._runtime import commands, replies
from ..._store import database, watermark
from ..._store.database import transaction
from ..._store.store import Store
from .backup import DATABASE


def new_database(instance: Instance, settings: Settings) -> bytes:
    """A database with these settings and pools, and nothing else."""
    with tempfile.TemporaryDirectory(dir=instance.paths.data) as folder:
        path = f"{folder}/{DATABASE}"
        database.create(path)
        with database.opened(path) as connection, transaction(connection):
            store = Store(connection)
            for name, value in settings.rows().items():
                store.put_setting(name, value)
            store.set_pool_count(settings.pools)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        return atomic.read(path) or b""


def salvaged(instance: Instance) -> Settings:
    """The settings that were noted beside the database, or in it, or in the newest good backup.

    Where there are none, the instance has as many pools and slots as there are files for, or as
    HAProxy has, if that is more, and serves HTTPS where its configuration says so.
    """
    noted = watermark.settings(instance.paths.database)
    held = sqlite_files.read(instance.paths.database)
    found = _usable(noted) or _settings(held) or _of_backup(instance)
    if found is not None:
        return found
    pools, slots = _size(instance)
    default = Settings()
    counts = Settings(pools or default.pool_count, slots or default.pool_slots)
    config = (atomic.read(instance.paths.config) or b"").decode("utf-8", "replace")
    return counts._replace(https=https_of(config))


def _usable(rows: Mapping[str, str]) -> Settings | None:
    try:
        return Settings.of_rows(rows).with_changes({}) if "pool_count" in rows else None
    except (HaproxyError, ValueError):
        return None


def _of_backup(instance: Instance) -> Settings | None:
    for path in reversed(archive.listed(instance.paths.backups)):
        try:
            content = archive.contents(path)[1][DATABASE]
        except (HaproxyError, KeyError):
            continue
        return _settings({DATABASE: content})
    return None


def _settings(held: Mapping[str, bytes]) -> Settings | None:
    """What a database says, as far as that can be; it may be another system's."""
    try:
        with sqlite_files.copied(DATABASE, held) as path, database.opened(path) as connection:
            return _usable(Store(connection).settings())
    except HaproxyError:
        return None


def _size(instance: Instance) -> tuple[int, int]:
    """The highest pool and slot that HAProxy or a pool's file has."""
    numbers = pool_file.numbers(instance.paths.pools)
    try:
        (reply,) = instance.api.ask([commands.show_servers_state(0)])
    except NotRunning:
        return max(numbers, default=0), _slots_of_files(instance, numbers)
    keys = replies.slots(reply)
    pools = max([*numbers, *(pool for pool, _slot in keys)], default=0)
    return pools, max((slot for _pool, slot in keys), default=0)


def _slots_of_files(instance: Instance, numbers: frozenset[int]) -> int:
    paths = (f"{instance.paths.pools}/{pool_file.file_name(number)}" for number in numbers)
    contents = (atomic.read(path) or b"" for path in paths)
    return max((content.count(b"    server pool_") for content in contents), default=0)


def https_of(config: str) -> str:
    """Where a configuration serves HTTPS, as `host:port` of this host, or nothing."""
    match = re.search(r"^\s*bind\s+(?!quic)(\S*):(\d+)\s(?:.*\s)?ssl\b", config, re.MULTILINE)
    if match is None:
        return ""
    host, port = match.groups()
    local = {
        "": "127.0.0.1",
        "*": "127.0.0.1",
        "0.0.0.0": "127.0.0.1",
        "[::]": "[::1]",
        "::": "[::1]",
    }
    return f"{local.get(host, host)}:{port}"
