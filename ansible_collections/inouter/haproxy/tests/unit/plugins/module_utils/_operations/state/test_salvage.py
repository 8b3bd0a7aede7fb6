# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of an instance whose database is damaged."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    back_up,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.salvage import (
    https_of,
    new_database,
    salvaged,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated

GIVEN = {"https": "127.0.0.1:8443", "haproxy_conf": "/seen"}


@pytest.fixture
def damaged(instance: Instance) -> Instance:
    """Give an instance whose database and the note beside it are lost, with a backup."""
    set_up(instance, GIVEN, check_mode=False)
    back_up(instance, "test", None, 5, check_mode=False)
    set_up(instance, {"haproxy_binary": "/newer"}, check_mode=False)
    return instance


def lose(instance: Instance, *suffixes: str) -> None:
    """Remove the database's files."""
    for suffix in suffixes:
        os.unlink(instance.paths.database + suffix)


def test_the_note_is_newest(damaged: Instance) -> None:
    lose(damaged, "")
    assert salvaged(damaged) == Settings(4, 3, "/seen", "/newer", https="127.0.0.1:8443")


def test_the_database_may_still_tell(damaged: Instance) -> None:
    lose(damaged, "-generation")
    assert salvaged(damaged).haproxy_binary == "/newer"


def test_a_backup_tells(damaged: Instance) -> None:
    lose(damaged, "", "-generation")
    assert salvaged(damaged) == Settings(4, 3, "/seen", https="127.0.0.1:8443")


def test_files_and_configuration_tell(damaged: Instance) -> None:
    lose(damaged, "", "-generation")
    for path in Path(damaged.paths.backups).iterdir():
        path.unlink()
    Path(damaged.paths.config).write_text("frontend x\n    bind :443 ssl crt /x\n")
    assert salvaged(damaged) == Settings(4, 3, https="127.0.0.1:443")


def test_haproxy_tells(damaged: Instance, simulated: Simulated) -> None:
    lose(damaged, "", "-generation")
    for folder in (damaged.paths.backups, damaged.paths.pools):
        for path in Path(folder).iterdir():
            path.unlink()
    assert salvaged(damaged) == Settings(4, 3)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("bind :443 ssl crt /x", "127.0.0.1:443"),
        ("bind *:8443 ssl crt-list /x alpn h2", "127.0.0.1:8443"),
        ("bind 10.0.0.1:443 name x ssl crt /x", "10.0.0.1:443"),
        ("bind [::]:443 ssl crt /x", "[::1]:443"),
        ("bind :80", ""),
        ("bind quic4@:443 ssl crt /x", ""),
        ("bind :443 sslv3", ""),
    ],
)
def test_where_https_is_served(line: str, address: str) -> None:
    assert https_of(f"frontend x\n    {line}\n") == address


def test_a_new_database(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.write_bytes(new_database(instance, Settings(7, 2)))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM pools").fetchone() == (7,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
