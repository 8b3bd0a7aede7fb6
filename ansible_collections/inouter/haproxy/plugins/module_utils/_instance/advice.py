# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a damaged database, in words for the person who has to do it."""

from __future__ import annotations

from .._files import archive
from .._model.errors import Damaged, HaproxyError
from .instance import Paths


def advised(paths: Paths, error: Damaged) -> Damaged:
    """The error with what to do next: which backup to restore, or how to do without."""
    return Damaged(f"{error} HAProxy and its files were left as they are. {_next(paths)}")


def _next(paths: Paths) -> str:
    adopt = "take what runs into a new database with haproxy_state state=adopted"
    for path in reversed(archive.listed(paths.backups)):
        try:
            manifest = archive.checked(path)
        except (HaproxyError, OSError):
            continue
        return (
            f"Restore the newest good backup, of generation {manifest.generation}, with"
            f" haproxy_state state=restored src={path}; or {adopt}."
        )
    return f"There is no good backup in {paths.backups}; {adopt}."
