# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SQLite database as it lies on disk: its file, and the logs beside it with what is newer.

Whoever opens it, even to read, has SQLite play a log into the file and remove it. What has to stay
as it is, is read here and opened as a copy.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from . import atomic

LOGS = ("-wal", "-journal")


def read(path: str) -> dict[str, bytes]:
    """The contents of the file and of its logs by their names; nothing where there is no file."""
    found = {path: atomic.read(path)}
    if found[path] is not None:
        found.update({f"{path}{suffix}": atomic.read(f"{path}{suffix}") for suffix in LOGS})
    return {os.path.basename(p): content for p, content in found.items() if content is not None}


@contextmanager
def copied(name: str, contents: Mapping[str, bytes]) -> Iterator[str]:
    """The path of a copy of the database `name` that may be opened; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        atomic.write_all({f"{folder}/{n}": content for n, content in contents.items()}, 0o600)
        yield f"{folder}/{name}"
