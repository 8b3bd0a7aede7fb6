# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database whose rows are not those that were written is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Damaged
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history
from ansible_collections.inouter.haproxy.plugins.module_utils._store.damage import require_sound
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store

CHANGES = (
    "UPDATE domains SET pool = 2",
    "UPDATE domains SET domain = 'b.test'",
    "DELETE FROM domains",
    "UPDATE servers SET ip = '10.0.0.3'",
    "UPDATE servers SET weight = 2",
    "INSERT INTO servers VALUES (2, 1, '10.0.0.1', 80, 1, 'ready')",
    "INSERT INTO settings VALUES ('pool_count', '7')",
    "DELETE FROM pools WHERE pool = 5",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with a domain, as a write leaves it."""
    with new_store(tmp_path) as made:
        made.put_domain(Domain("a.test", 1))
        made.put_servers(1, {1: Server("10.0.0.1")})
        history.begin(made.connection, "test", made.changed())
        yield Store(made.connection)


def test_what_was_written_is_sound(store: Store) -> None:
    require_sound(store)


@pytest.mark.parametrize("statement", CHANGES)
def test_another_row_is_found(store: Store, statement: str) -> None:
    store.connection.execute(statement)
    with pytest.raises(Damaged, match="not those that generation 1 left in it"):
        require_sound(store)


def test_edits_under_way_are_no_damage(store: Store) -> None:
    store.put_domain(Domain("a.test", 2))
    require_sound(store, store.changed())
    with pytest.raises(Damaged):
        require_sound(store)


def test_a_database_of_an_older_release_has_no_digest_yet(store: Store) -> None:
    store.connection.execute("UPDATE history SET digest = ''")
    store.connection.execute("UPDATE servers SET weight = 2")
    require_sound(store)
    history.begin(store.connection, "test", {})
    store.connection.execute("UPDATE servers SET weight = 3")
    with pytest.raises(Damaged):
        require_sound(store)


def test_a_broken_index_is_found(store: Store) -> None:
    path = store.connection.execute("PRAGMA database_list").fetchone()[2]
    root = store.connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'domains_by_pool'"
    ).fetchone()[0]
    size = store.connection.execute("PRAGMA page_size").fetchone()[0]
    store.connection.close()
    content = bytearray(Path(path).read_bytes())
    place = content.index(b"a.test", (root - 1) * size)
    content[place] ^= 2
    Path(path).write_bytes(content)
    import sqlite3

    store.connection = sqlite3.connect(path)
    with pytest.raises(Damaged, match="SQLite's own check"):
        require_sound(store)
