# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema refuses rows that make no sense, and old databases are brought to it."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import StoreProblem
from ansible_collections.inouter.haproxy.plugins.module_utils._store import database, schema
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store

SERVER = "INSERT INTO servers VALUES (1, {slot}, {ip}, {port}, {weight}, {state})"
GOOD = {"slot": "1", "ip": "'10.0.0.1'", "port": "80", "weight": "1", "state": "'ready'"}
DOMAIN = "INSERT INTO domains (domain, pool, share_with) VALUES ({})"


def run(store: Store, *statements: str) -> None:
    with database.transaction(store.connection):
        for statement in statements:
            store.connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO pools (pool) VALUES (0)",
        "INSERT INTO pools (pool) VALUES (-1)",
        "INSERT INTO pools (pool) VALUES (1)",
        "INSERT INTO pools (pool, freed) VALUES (9, -1)",
        "INSERT INTO settings VALUES ('pool_count', NULL)",
        DOMAIN.format("'', 1, NULL"),
        DOMAIN.format(f"'{'a' * 254}', 1, NULL"),
        DOMAIN.format("'a.test', 99, NULL"),
        DOMAIN.format("'a.test', NULL, NULL"),
        DOMAIN.format("'a.test', 1, 'nobody.test'"),
        "INSERT INTO history VALUES (1, 'now', 'me', 'x', '[]', 'perhaps', '', '')",
        "INSERT INTO history VALUES (1, 'now', NULL, 'x', '[]', 'done', '', '')",
        "INSERT INTO servers VALUES (99, 1, '10.0.0.1', 80, 1, 'ready')",
        *(
            SERVER.format(**{**GOOD, **bad})
            for bad in (
                {"slot": "0"},
                {"ip": "''"},
                {"ip": "NULL"},
                {"ip": f"'{'1' * 46}'"},
                {"port": "0"},
                {"port": "65536"},
                {"weight": "-1"},
                {"weight": "257"},
                {"state": "'up'"},
                {"state": "NULL"},
            )
        ),
    ],
)
def test_bad_rows_are_refused(tmp_path: Path, statement: str) -> None:
    with new_store(tmp_path) as store, pytest.raises(sqlite3.IntegrityError):
        run(store, statement)


@pytest.mark.parametrize("bad", [{"slot": "1"}, {"slot": "2", "ip": "'10.0.0.1'"}])
def test_a_slot_and_an_address_exist_once_in_a_pool(tmp_path: Path, bad: dict[str, str]) -> None:
    with new_store(tmp_path) as store:
        run(store, SERVER.format(**GOOD))
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            run(store, SERVER.format(**{**GOOD, "ip": "'10.0.0.2'", **bad}))


def test_a_domain_that_others_share_cannot_go(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        run(store, DOMAIN.format("'a.test', 1, NULL"), DOMAIN.format("'b.test', 1, 'a.test'"))
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            run(store, "DELETE FROM domains WHERE domain = 'a.test'")


@pytest.mark.skipif(not schema.STRICT, reason="this SQLite has no STRICT tables")
def test_text_is_not_taken_for_a_number(tmp_path: Path) -> None:
    with new_store(tmp_path) as store, pytest.raises(sqlite3.IntegrityError, match="cannot store"):
        run(store, SERVER.format(**{**GOOD, "port": "'http'"}))


def test_a_new_database_has_the_present_version(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert schema.version_of(store.connection) == schema.VERSION == len(schema.MIGRATIONS)
        assert schema.migrate(store.connection) is False


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        with pytest.raises(
            StoreProblem, match=r"Update the collection.*\. If .* damaged: .*restored"
        ):
            schema.migrate(store.connection)
        assert schema.version_of(store.connection) == schema.VERSION + 1


def test_an_older_database_gets_the_missing_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_store(tmp_path) as store:
        run(store, DOMAIN.format("'a.test', 1, NULL"))
    steps = (*schema.MIGRATIONS, "ALTER TABLE domains ADD COLUMN note TEXT NOT NULL DEFAULT 'x';")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema, "VERSION", len(steps))
    assert database.create(str(tmp_path / "truth.db")) is True
    with database.opened(str(tmp_path / "truth.db")) as connection:
        assert connection.execute("SELECT domain, note FROM domains").fetchall() == [
            ("a.test", "x")
        ]
        assert schema.version_of(connection) == len(steps)


def test_two_that_open_an_older_database_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "truth.db")
    with closing(database._connect(path)) as first, ThreadPoolExecutor(1) as pool:
        for statement in schema._statements("".join(schema.MIGRATIONS[:-1])):
            first.execute(statement)
        first.execute(f"PRAGMA user_version = {schema.VERSION - 1}")
        first.execute("BEGIN IMMEDIATE")
        second = pool.submit(opened_version, path)
        time.sleep(0.3)
        assert schema._take_steps(first) and not second.done()
        first.execute("COMMIT")
        assert second.result(timeout=10) == schema.VERSION


def opened_version(path: str) -> int:
    """What who opens the database sees."""
    with database.opened(path) as connection:
        return schema.version_of(connection)


def test_a_step_that_fails_leaves_the_old_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_store(tmp_path) as store:
        before = list(store.connection.iterdump())
    steps = (*schema.MIGRATIONS, "CREATE TABLE extra (x); ALTER TABLE missing ADD COLUMN y;")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", steps)
        patched.setattr(schema, "VERSION", len(steps))
        with pytest.raises(StoreProblem, match="no such table"):
            database.opened(str(tmp_path / "truth.db")).__enter__()
    with database.opened(str(tmp_path / "truth.db")) as connection:
        assert list(connection.iterdump()) == before
