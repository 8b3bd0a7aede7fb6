# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a damaged database."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._files import archive
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.advice import advised
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Paths
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Damaged

AT = "2026-11-22T18:30:00+00:00"


def test_without_a_backup(tmp_path: Path) -> None:
    paths = Paths(str(tmp_path))
    assert str(advised(paths, Damaged("It is broken."))) == (
        "It is broken. HAProxy and its files were left as they are. There is no good backup in"
        f" {paths.backups}; take what runs into a new database with haproxy_state state=adopted."
    )


def test_the_newest_good_backup_is_named(tmp_path: Path) -> None:
    paths = Paths(str(tmp_path))
    Path(paths.backups).mkdir(parents=True)
    good, bad = (f"{paths.backups}/{archive.file_name(n, AT)}" for n in (7, 9))
    archive.write(good, {}, 7, AT)
    Path(bad).write_text("broken")
    told = str(advised(paths, Damaged("It is broken.")))
    assert f"backup, of generation 7, with haproxy_state state=restored src={good};" in told
