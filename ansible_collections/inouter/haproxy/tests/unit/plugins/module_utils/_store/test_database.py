# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the database, refusing what is none, and transactions."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import StoreProblem
from ansible_collections.inouter.haproxy.plugins.module_utils._store import database
from ansible_collections.inouter.haproxy.tests.unit.support.truth import dump, new_store, tables

POOL = "INSERT INTO pools (pool) VALUES (77)"


def open_and_close(path: str, statement: str = "SELECT 1") -> None:
    with database.opened(path) as connection:
        connection.execute(statement)


def test_create_says_whether_it_did_something(tmp_path: Path) -> None:
    path = str(tmp_path / "truth.db")
    assert [database.create(path), database.create(path)] == [True, False]


def test_a_new_database_is_not_for_everybody(tmp_path: Path) -> None:
    path = str(tmp_path / "truth.db")
    mask = os.umask(0)
    try:
        database.create(path)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


def test_create_keeps_what_is_there(tmp_path: Path) -> None:
    with new_store(tmp_path):
        pass
    before = dump(str(tmp_path / "truth.db"))
    database.create(str(tmp_path / "truth.db"))
    assert dump(str(tmp_path / "truth.db")) == before


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "truth.db"
    with pytest.raises(StoreProblem, match="haproxy_instance") as caught:
        open_and_close(str(path))
    assert str(path) in str(caught.value)
    assert not path.exists()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "truth.db"
    path.touch()
    with pytest.raises(StoreProblem, match="is not a database of inouter.haproxy"):
        open_and_close(str(path))


def test_a_file_of_something_else_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "truth.db"
    path.write_text("This is no database. " * 100)
    with pytest.raises(StoreProblem, match="file is not a database") as caught:
        open_and_close(str(path))
    assert str(path) in str(caught.value)


def test_create_refuses_a_file_of_something_else_in_words(tmp_path: Path) -> None:
    path = tmp_path / "truth.db"
    path.write_text("This is no database. " * 100)
    with pytest.raises(StoreProblem, match="file is not a database"):
        database.create(str(path))


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "truth.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE settings (x)")
    with pytest.raises(StoreProblem, match="is not a database of inouter.haproxy"):
        open_and_close(path)


def test_create_does_not_take_over_a_database_of_somebody_else(tmp_path: Path) -> None:
    path = str(tmp_path / "truth.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE settings (x)")
    before = dump(path)
    with pytest.raises(StoreProblem, match="is not a database of inouter.haproxy") as caught:
        database.create(path)
    assert path in str(caught.value)
    assert dump(path) == before


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match="unable to open"), database.opened(str(tmp_path)):
        pass


def test_opened_closes(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store.connection.execute("SELECT 1")


def test_errors_of_sqlite_name_the_file(tmp_path: Path) -> None:
    with new_store(tmp_path):
        pass
    with pytest.raises(StoreProblem, match="no such table: missing") as caught:
        open_and_close(str(tmp_path / "truth.db"), "SELECT * FROM missing")
    assert str(tmp_path / "truth.db") in str(caught.value)


def test_commits_are_durable(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [store.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert found == ["wal", 2, 1]


def test_a_transaction_is_committed_at_its_end(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with database.transaction(store.connection):
            store.connection.execute(POOL)
        assert not store.connection.in_transaction
    with database.opened(str(tmp_path / "truth.db")) as connection:
        assert (77, 0) in tables(connection)["pools"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, sqlite3.IntegrityError])
def test_any_error_rolls_back(tmp_path: Path, error: type[BaseException]) -> None:
    with new_store(tmp_path) as store:
        before = tables(store.connection)
        with pytest.raises(error), database.transaction(store.connection):
            store.connection.execute(POOL)
            raise error
        assert tables(store.connection) == before
        assert not store.connection.in_transaction


def test_a_commit_that_fails_rolls_back(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with pytest.raises(sqlite3.IntegrityError), database.transaction(store.connection):
            store.connection.execute("INSERT INTO domains VALUES ('b.test', 1, 'nobody.test')")
        assert not store.connection.in_transaction
        assert tables(store.connection)["domains"] == []


def test_nothing_is_seen_before_the_commit(tmp_path: Path) -> None:
    with new_store(tmp_path) as store, database.opened(str(tmp_path / "truth.db")) as other:
        with database.transaction(store.connection):
            store.connection.execute(POOL)
            assert (77, 0) not in tables(other)["pools"]
        assert (77, 0) in tables(other)["pools"]


def test_a_snapshot_is_of_one_moment(tmp_path: Path) -> None:
    with new_store(tmp_path) as store, database.opened(str(tmp_path / "truth.db")) as other:
        with database.snapshot(other):
            before = tables(other)
            store.connection.execute(POOL)
            assert tables(other) == before
        assert (77, 0) in tables(other)["pools"]
        assert not other.in_transaction


def test_a_second_writer_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "truth.db")
    with new_store(tmp_path) as store, database.transaction(store.connection):
        monkeypatch.setattr(database, "BUSY_SECONDS", 0)
        with pytest.raises(StoreProblem, match="database is locked"):
            open_and_close(path, "BEGIN IMMEDIATE")
