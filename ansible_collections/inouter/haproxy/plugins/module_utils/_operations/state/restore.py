# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving again what a backup holds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from ..._files import archive, atomic
from ..._instance.instance import Instance
from ..._instance.rebuild import write_over
from ..._instance.settings import Settings
from ..._instance.write import Outcome
from ..._model.certificate import CertificateKey, file_name
from ..._model.errors import HaproxyError
from ..._reconcile.picture import EVERYTHING, Scope
from ..._store import database
from ..._store.damage import require_sound
from ..._store.store import Store
from . import whole
from .backup import CERTS, DATABASE
from .whole import Whole


class Restore:
    """Asks for the domains, servers and certificates of a backup, and for nothing else."""

    def __init__(
        self, instance: Instance, held: Whole, files: Mapping[str, bytes], told: dict[str, Any]
    ) -> None:
        self.instance = instance
        self.held = held
        self.contents: dict[CertificateKey, bytes] = {
            key: files[CERTS + file_name(key)] for key in held.certificates
        }
        self.told = told

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Let the database hold what the backup holds."""
        whole.put(store, settings, self.held, self.instance.running_version)
        return EVERYTHING

    def describe(self, store: Store) -> dict[str, Any]:
        """Which backup this was."""
        return self.told


def restore(instance: Instance, action: str, src: str | None, check_mode: bool) -> Outcome:
    """Serve what a backup holds, of all backups the newest that is good.

    Raises BadArchive for one that is damaged; then nothing is changed. A damaged database is
    replaced by that of the backup, with its settings and its history.
    """
    path = src or _newest_good(instance.paths.backups)
    manifest, files = archive.contents(path)
    if DATABASE not in files:
        raise archive.BadArchive(f"{path} holds no database.")
    held = _read(files[DATABASE], instance.paths.data)
    told = {"backup": path, "restored_generation": manifest.generation}
    request = Restore(instance, held, files, told)
    outcome = write_over(instance, action, request, lambda: files[DATABASE], check_mode)
    outcome.described = outcome.described or told
    return outcome


def _newest_good(folder: str) -> str:
    for path in reversed(archive.listed(folder)):
        try:
            archive.checked(path)
        except HaproxyError:
            continue
        return path
    raise HaproxyError(f"There is no good backup in {folder}. Name one with src.")


def _read(content: bytes, folder: str) -> Whole:
    """What a database file holds; raises Damaged."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = os.path.join(temporary, DATABASE)
        atomic.write_all({path: content}, 0o600)
        with database.opened(path) as connection:
            store = Store(connection)
            require_sound(store)
            return whole.read(store)
