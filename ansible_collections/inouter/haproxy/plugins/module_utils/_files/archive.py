# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: one compressed archive each, with a checksum of every file in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .._model.errors import HaproxyError
from . import atomic

FILE_MODE = 0o600
_MANIFEST = "manifest.json"
_NAME = re.compile(r"backup-(\d{8})-(\d{8}T\d{6})Z\.tar\.gz\Z")


class BadArchive(HaproxyError):
    """A backup is damaged, incomplete or no backup at all."""


class Manifest(NamedTuple):
    """What a backup says of itself.

    :param generation: of the history's newest row in it
    :param at: when it was made, ISO 8601, UTC
    :param sha256: of each file in it, by name
    """

    generation: int
    at: str
    sha256: dict[str, str]


def file_name(generation: int, at: str) -> str:
    """The backup's name, with its generation and its time."""
    moment = re.sub(r"[-:]|\.\d+", "", at).partition("+")[0]
    return f"backup-{generation:08d}-{moment}Z.tar.gz"


def listed(folder: str) -> list[str]:
    """The backups in a folder, oldest first.

    The time tells which is older: a database that was made anew begins at generation 1 again.
    """
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = sorted((match[2], match[1], match[0]) for match in map(_NAME.match, names) if match)
    return [f"{folder}/{name}" for _moment, _generation, name in found]


def write(path: str, contents: Mapping[str, bytes], generation: int, at: str) -> None:
    """Write a backup of these files, readable by its owner alone."""
    sums = {name: _sum(content) for name, content in contents.items()}
    about = json.dumps(Manifest(generation, at, sums)._asdict()).encode("ascii")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name, content in {_MANIFEST: about, **contents}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), FILE_MODE
            archive.addfile(member, io.BytesIO(content))
    atomic.replace(path, packed.getvalue(), FILE_MODE)


def checked(path: str) -> Manifest:
    """What a backup holds; raises BadArchive unless each file in it is as it was written."""
    return contents(path)[0]


def contents(path: str) -> tuple[Manifest, dict[str, bytes]]:
    """What a backup says of itself, and its files; raises BadArchive."""
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            found = {m.name: _read(archive, m) for m in archive.getmembers() if m.isfile()}
        manifest = Manifest(**json.loads(found.pop(_MANIFEST)))
    except FileNotFoundError:
        raise BadArchive(f"There is no backup {path}.{_others(path)}") from None
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as e:
        raise BadArchive(f"{path} is not a backup, or is damaged ({e}).{_others(path)}") from e
    if {name: _sum(content) for name, content in found.items()} != manifest.sha256:
        raise BadArchive(f"{path} is damaged: its checksums do not agree.{_others(path)}")
    return manifest, found


def sha256(path: str) -> str:
    """The checksum of the backup's own file."""
    return _sum(atomic.read(path) or b"")


def rotate(folder: str, keep: int, present: str) -> list[str]:
    """Remove all but `present` and the newest others; returns those that are gone.

    Where the clock was put back, `present` is not the newest by its name.
    """
    others = [path for path in listed(folder) if path != present]
    gone = others[: max(0, len(others) + 1 - keep)]
    atomic.remove_all(gone)
    return gone


def _others(path: str) -> str:
    found: Iterable[str] = (name for name in listed(os.path.dirname(path)) if name != path)
    shown = ", ".join(os.path.basename(name) for name in found)
    return f" Other backups there: {shown}." if shown else ""


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
