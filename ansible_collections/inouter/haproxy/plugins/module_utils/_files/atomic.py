# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing files so that a reader, or a power cut, finds the old or the new content."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Union

Content = Union[bytes, Sequence[memoryview]]
"""What a file gets: bytes, or parts of them in order."""

NEW_FILE_MODE = 0o640
PEM_MODE = 0o600  # a certificate with its private key
_SYNCS = 8


def read(path: str) -> bytes | None:
    """The file's content, or None where there is no such file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def replace(path: str, content: Content, mode: int = NEW_FILE_MODE) -> None:
    """Give one file this content, as `replace_all` does."""
    replace_all([(path, content)], mode)


def replace_all(contents: Sequence[tuple[str, Content]], mode: int = NEW_FILE_MODE) -> None:
    """Give each file its content at once, one after the other, and durably.

    That is for each a temporary file, fsync and rename, and fsync of the folders. All of them are
    written before the first is renamed: a full disk leaves every file as it was.

    Owner and mode stay; a new file belongs to the folder's owner and has `mode`.
    """
    temporary = {path: f"{path}.new" for path, _content in contents}
    try:
        for path, content in contents:
            _write(temporary[path], content, _attributes(path, mode))
        _sync_all(list(temporary.values()))
        for _folder, paths in groupby(temporary, os.path.dirname):
            moved = list(paths)
            for path in moved:
                os.replace(temporary[path], path)
            _sync_folders(moved[:1])
    except BaseException:
        for path in temporary.values():
            _unlink(path)
        raise


def write_all(contents: Mapping[str, bytes], mode: int) -> None:
    """Write new files of one folder, all of them durable in the end."""
    for path, content in contents.items():
        _write(path, content, _attributes(path, mode))
    _sync_all(list(contents))
    _sync_folders(contents)


def move_all(moves: Mapping[str, str]) -> None:
    """Rename files, each to its value, and make that durable."""
    for source, target in moves.items():
        os.replace(source, target)
    _sync_folders(moves.values())


def remove_all(paths: Iterable[str]) -> None:
    """Remove files if they are there, and make that durable."""
    gone = list(paths)
    for path in gone:
        _unlink(path)
    _sync_folders(gone)


def remove(path: str) -> None:
    """Remove the file if it is there, and make that durable."""
    _unlink(path)
    _sync_folders([path])


def _attributes(path: str, mode: int) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        folder = os.stat(os.path.dirname(path))
        return folder.st_uid, folder.st_gid, mode
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def _write(path: str, content: Content, attributes: tuple[int, int, int]) -> None:
    uid, gid, mode = attributes
    _unlink(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), uid, gid)
        os.fchmod(file.fileno(), mode)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _sync_all(paths: Sequence[str]) -> None:
    """Make files durable that were written before: many at a time, the disk does in one go."""
    if len(paths) < _SYNCS:
        for path in paths:
            _sync(path)
        return
    from concurrent.futures import ThreadPoolExecutor  # here, for most writes write few files

    with ThreadPoolExecutor(_SYNCS) as pool:
        for _done in pool.map(_sync, paths):
            pass


def _sync_folders(paths: Iterable[str]) -> None:
    """Make names in the folders of these files durable."""
    for folder in {os.path.dirname(path) for path in paths}:
        _sync(folder)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
