# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database's files are read as they lie there, and opened as a copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._files import sqlite_files
from ansible_collections.inouter.haproxy.tests.unit.support.killed import (
    NAME,
    NEW,
    killed_after_a_write,
)


def test_a_copy_holds_what_is_in_the_log(tmp_path: Path) -> None:
    folder = tmp_path / "left"
    folder.mkdir()
    killed_after_a_write(folder)
    found = sqlite_files.read(str(folder / NAME))
    assert set(found) == {NAME, f"{NAME}-wal"}
    with sqlite_files.copied(NAME, found) as path:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT ip FROM servers").fetchall() == [(NEW,)]
        assert not Path(f"{path}-wal").exists()
    assert not Path(path).exists()
    assert sqlite_files.read(str(folder / NAME)) == found


def test_a_log_alone_is_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}-wal").write_bytes(b"left")
    assert sqlite_files.read(str(tmp_path / NAME)) == {}
