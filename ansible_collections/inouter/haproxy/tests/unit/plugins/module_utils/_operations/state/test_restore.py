# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving again what a backup holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import archive
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.changes import (
    list_changes,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    back_up,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.restore import (
    restore,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.rollback import (
    RollBack,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files


@pytest.fixture
def backup(instance: Instance) -> Path:
    """Give the backup of an instance that has gone on since."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    made = back_up(instance, "test", None, 5, check_mode=False).described["backup"]
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.2"))
    return Path(made)


def test_it_is_one_write(instance: Instance, backup: Path) -> None:
    before = everything(instance)
    checked = restore(instance, "test", None, check_mode=True)
    assert everything(instance) == before
    outcome = restore(instance, "test", None, check_mode=False)
    assert checked.rows == outcome.rows
    assert outcome.described == {"backup": str(backup), "restored_generation": 2}
    assert b"b.test" not in files(instance)["domains.map"]
    assert not restore(instance, "test", str(backup), check_mode=False).changed


def test_a_damaged_database_is_replaced_with_its_history(instance: Instance, backup: Path) -> None:
    Path(instance.paths.database).unlink()
    assert restore(instance, "test", None, check_mode=True).changed
    outcome = restore(instance, "test", None, check_mode=False)
    assert outcome.generation == 4
    assert [row["generation"] for row in list_changes(instance, 9)] == [4, 2, 1]
    with pytest.raises(HaproxyError, match=r"3 cannot be rolled back to\. These can: 1 to 2, 4\."):
        write(instance, "test", RollBack(instance, 3))


def test_the_newest_backup_is_the_one_made_last(instance: Instance, backup: Path) -> None:
    older = backup.with_name(archive.file_name(900, "2026-01-01T00:00:00+00:00"))
    older.write_bytes(backup.read_bytes())
    outcome = restore(instance, "test", None, check_mode=True)
    assert outcome.described["backup"] == str(backup)


def test_a_damaged_backup_is_refused(instance: Instance, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-100])
    before = everything(instance)
    for src in (str(backup), None):
        with pytest.raises(HaproxyError):
            restore(instance, "test", src, check_mode=False)
    assert everything(instance) == before


@pytest.mark.parametrize("contents", [{}, {"haproxy_mcp.db": b"no database at all"}])
def test_a_backup_without_a_database(instance: Instance, contents: dict[str, bytes]) -> None:
    path = f"{instance.paths.data}/x.tar.gz"
    archive.write(path, contents, 1, "2026-11-22T18:30:00+00:00")
    with pytest.raises(HaproxyError):
        restore(instance, "test", path, check_mode=False)
