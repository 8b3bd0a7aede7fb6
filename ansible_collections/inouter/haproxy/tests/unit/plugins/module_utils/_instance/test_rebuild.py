# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A damaged database is replaced and kept, and nobody uses the new one half made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.rebuild import (
    replace_database,
    write_over,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Damaged
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.salvage import (
    new_database,
    salvaged,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import files

ADD = DomainRequest("a.test", ip="10.0.0.1")


def rebuilt(instance: Instance) -> bytes:
    """A new database."""
    return new_database(instance, salvaged(instance))


def test_a_sound_database_stays(instance: Instance) -> None:
    outcome = write_over(instance, "test", ADD, pytest.fail, check_mode=False)
    assert (outcome.changed, outcome.generation) == (True, 2)


def test_a_damaged_one_is_kept_and_replaced(instance: Instance) -> None:
    write(instance, "test", ADD)
    Path(instance.paths.database).write_bytes(b"broken")
    Path(f"{instance.paths.database}-wal").write_bytes(b"old")
    before = files(instance)
    outcome = write_over(instance, "test", ADD, lambda: rebuilt(instance), check_mode=False)
    assert outcome.generation == 3
    assert files(instance) == before
    kept = {path.name: path.read_bytes() for path in Path(instance.paths.data).rglob("*mcp*")}
    assert kept["haproxy_mcp.db"] == b"broken"
    # Some releases of SQLite delete a log that belongs to no database when they open it.
    assert kept.get("haproxy_mcp.db-wal", b"old") == b"old"


def test_a_check_replaces_nothing(instance: Instance) -> None:
    Path(instance.paths.database).write_bytes(b"broken")
    assert write_over(instance, "test", ADD, pytest.fail, check_mode=True).changed
    assert Path(instance.paths.database).read_bytes() == b"broken"


def test_nobody_else_uses_a_new_one(instance: Instance) -> None:
    write(instance, "test", ADD)
    before = files(instance)
    replace_database(instance, rebuilt(instance))
    with pytest.raises(Damaged, match="at generation 0, but generation 2 was applied"):
        write(instance, "test", Convergence())
    assert files(instance) == before
    with closing(sqlite3.connect(instance.paths.database)) as connection:
        assert connection.execute("SELECT count(*) FROM pools").fetchone() == (4,)


@pytest.mark.parametrize("suffix", ["-wal", "-journal", "-shm"])
def test_no_log_of_the_old_one_stays(instance: Instance, suffix: str) -> None:
    log = Path(f"{instance.paths.database}{suffix}")
    log.write_bytes(b"old")
    replace_database(instance, rebuilt(instance))
    assert not log.exists()
    assert [path.read_bytes() for path in Path(instance.paths.data).rglob(log.name)] == [b"old"]
