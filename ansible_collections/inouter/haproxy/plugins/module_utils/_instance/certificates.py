# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the truth says of certificates, and where their content is while a write is under way.

The database knows which certificate should be served, its file holds it with its key. A new one
is staged next to the others, and synced, before the database names it: whenever a write is cut
off, either the old or the new content is there in full.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from .._files import atomic
from .._files.atomic import PEM_MODE
from .._model.certificate import (
    STAGED,
    Certificate,
    CertificateKey,
    file_name,
    staged_name,
)
from .._model.digest import is_intact
from .._reconcile.picture import Scope, WantedCertificates
from .._store.store import Store
from .instance import Paths

Contents = Mapping[CertificateKey, bytes]
"""PEM content by name and key type."""


def staged_path(certs: str, key: CertificateKey) -> str:
    """Where a certificate waits until HAProxy has it."""
    return f"{certs}/{staged_name(file_name(key))}"


def stage(certs: str, contents: Contents) -> None:
    """Keep new content until the write ends."""
    os.makedirs(f"{certs}/{STAGED}", 0o700, exist_ok=True)
    staged = {staged_path(certs, key): pem for key, pem in contents.items()}
    try:
        atomic.write_all(staged, PEM_MODE)
    except BaseException:
        unstage(certs)
        raise


def unstage(certs: str) -> None:
    """Forget what was staged."""
    folder = f"{certs}/{STAGED}"
    if os.path.isdir(folder):
        atomic.remove_all(f"{folder}/{name}" for name in os.listdir(folder))
        os.rmdir(folder)


def wanted(paths: Paths, store: Store, scope: Scope, contents: Contents) -> WantedCertificates:
    """What should be served, in this scope; `contents` is what a write brings."""
    rows = store.certificates(scope.certificates)
    files = {file_name(row.key): row for row in rows}
    pems = {name: contents.get(row.key) or _content(paths, row) for name, row in files.items()}
    sha1s = {name: row.sha1 for name, row in files.items()}
    thumbprint = store.settings().get("acme_thumbprint", "")
    return WantedCertificates(pems, sha1s, _gone(paths.certs, scope, set(files)), thumbprint)


def _content(paths: Paths, row: Certificate) -> bytes | None:
    staged = atomic.read(staged_path(paths.certs, row.key))
    if is_intact(row, staged):
        return staged
    from .kept import content  # here, for it is needed where files and database part alone

    # A write that could not go back leaves the file of a certificate that the database took back.
    return content(paths, row)


def _gone(certs: str, scope: Scope, present: set[str]) -> set[str]:
    if scope.certificates is not None:
        return {file_name(key) for key in scope.certificates} - present
    names = {name for name in os.listdir(certs) if name.endswith(".pem")}
    return {name for name in names if not name.startswith(".")} - present
