# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that were replaced or removed, kept as long as a rollback may need them.

They hold private keys, so they are files of their own: mode 0600, in a folder of mode 0700. What
the database never knew is kept for good.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .._files import atomic
from .._files.atomic import PEM_MODE
from .._model.certificate import Certificate, file_name
from .._model.digest import is_intact
from .._reconcile.compare import PEM_FILE, Difference
from .._reconcile.picture import Observed
from .._store.history import WINDOW
from .instance import Paths


def keep(paths: Paths, changed: Mapping[tuple[str, Any], tuple[Any, Any]], generation: int) -> None:
    """Keep the files of the certificates that this generation changes."""
    os.makedirs(paths.kept, 0o700, exist_ok=True)
    contents = {}
    for (kind, _name), (before, _after) in changed.items():
        if kind == "certificate" and before is not None:
            pem = atomic.read(f"{paths.certs}/{file_name(before.key)}")
            contents.update({_path(paths.kept, generation, before): pem} if pem else {})
    atomic.write_all(contents, PEM_MODE)


def keep_unknown(paths: Paths, observed: Observed, differences: Iterable[Difference]) -> None:
    """Keep files that are about to be replaced or removed, where no generation keeps them.

    No rollback brings them back, but they may hold the only copy of a key.
    """
    names = [found.key for found in differences if found.kind == PEM_FILE]
    files = {name: observed.files.get(f"{paths.certs}/{name}") for name in names}
    there = {name: pem for name, pem in files.items() if pem}
    known = {atomic.read(path) for path in _files(paths.kept)} if there else set()
    unknown = {name: pem for name, pem in there.items() if pem not in known}
    if unknown:
        folder = replaced_folder(paths)
        atomic.write_all({f"{folder}/{name}": pem for name, pem in unknown.items()}, PEM_MODE)


def replaced_folder(paths: Paths) -> str:
    """A new folder for what is replaced now, for its owner alone."""
    now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
    folder = f"{paths.data}/replaced/{now}"
    os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
    os.mkdir(folder, 0o700)
    return folder


def forget(kept: str, generation: int) -> None:
    """Remove what no generation that can be rolled back to needs."""
    oldest = generation - WINDOW
    atomic.remove_all(path for path in _files(kept) if _number(path) <= oldest)


def content(paths: Paths, row: Certificate) -> bytes | None:
    """The file of a certificate, where it is now or where it was kept; None where it is lost."""
    for path in _places(paths, row):
        pem = atomic.read(path)
        if is_intact(row, pem):
            return pem
    return None


def _places(paths: Paths, row: Certificate) -> Iterator[str]:
    yield f"{paths.certs}/{file_name(row.key)}"
    yield from (path for path in _files(paths.kept) if path.endswith(f"-{row.content}.pem"))


def _path(kept: str, generation: int, row: Certificate) -> str:
    return f"{kept}/{generation}-{row.content}.pem"


def _number(path: str) -> int:
    number = os.path.basename(path).partition("-")[0]
    return int(number) if number.isdecimal() else 0


def _files(kept: str) -> Iterator[str]:
    names = os.listdir(kept) if os.path.isdir(kept) else []
    return (f"{kept}/{name}" for name in names)
