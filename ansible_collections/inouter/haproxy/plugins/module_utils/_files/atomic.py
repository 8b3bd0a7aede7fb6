# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing files so that a reader, or a power cut, finds the old or the new content."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence

NEW_FILE_MODE = 0o640


def read(path: str) -> bytes | None:
    """The file's content, or None where there is no such file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def replace(path: str, content: bytes | Sequence[memoryview]) -> None:
    """Give the file this content, or these parts of it, at once and durably.

    That is a temporary file, fsync, rename, and fsync of the folder.

    Owner and mode stay; a new file belongs to the folder's owner and has NEW_FILE_MODE.
    """
    temporary = f"{path}.new"
    try:
        _write(temporary, content, _attributes(path))
        os.replace(temporary, path)
    except BaseException:
        _unlink(temporary)
        raise
    _sync_folder(path)


def remove(path: str) -> None:
    """Remove the file if it is there, and make that durable."""
    _unlink(path)
    _sync_folder(path)


def _attributes(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        folder = os.stat(os.path.dirname(path))
        return folder.st_uid, folder.st_gid, NEW_FILE_MODE
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def _write(
    path: str, content: bytes | Sequence[memoryview], attributes: tuple[int, int, int]
) -> None:
    uid, gid, mode = attributes
    _unlink(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), uid, gid)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _sync_folder(path: str) -> None:
    handle = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
