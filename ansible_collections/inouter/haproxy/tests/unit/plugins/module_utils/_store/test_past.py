# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the truth was at an earlier generation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Damaged,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history, past
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.secured import fake
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store

KEY = ("a.test", "ecdsa")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store in which generation 1 is empty."""
    with new_store(tmp_path) as made:
        history.begin(made.connection, "first", {})
        yield made


def edit(store: Store, *rows: Any) -> None:
    """Make one change."""
    fresh = Store(store.connection)
    for row in rows:
        if isinstance(row, Domain):
            fresh.put_domain(row)
        elif isinstance(row, dict):
            fresh.put_servers(1, row)
        else:
            fresh.put_certificate(KEY, row)
    history.begin(store.connection, "test", fresh.changed())


def test_the_oldest_value_since_is_what_it_was(store: Store) -> None:
    edit(store, Domain("a.test", 1), {1: Server("10.0.0.1")})
    edit(store, Domain("a.test", 2), {1: Server("10.0.0.2")})
    edit(store, Domain("a.test", 3), Domain("b.test", 4), fake("a.test")[0])
    assert past.values_at(store.connection, 4) == {}
    assert past.values_at(store.connection, 3) == {
        ("domain", "a.test"): Domain("a.test", 2),
        ("domain", "b.test"): None,
        ("certificate", KEY): None,
    }
    assert past.values_at(store.connection, 2)["pool", 1] == {1: Server("10.0.0.1")}
    first = past.values_at(store.connection, 1)
    assert (first["pool", 1], first["domain", "a.test"]) == ({}, None)


def test_a_certificate_comes_back_as_it_was(store: Store) -> None:
    edit(store, fake("a.test")[0])
    edit(store, fake("a.test", 2)[0])
    assert past.values_at(store.connection, 2) == {("certificate", KEY): fake("a.test")[0]}


def test_what_they_are_now(store: Store) -> None:
    edit(store, Domain("a.test", 1), {1: Server("10.0.0.1")}, fake("a.test")[0])
    values: dict[Any, Any] = {
        ("domain", "a.test"): Domain("a.test", 1),
        ("domain", "b.test"): None,
        ("pool", 1): {1: Server("10.0.0.1")},
        ("pool", 2): {},
        ("certificate", KEY): fake("a.test")[0],
        ("setting", "x"): None,
        ("pool_count", ""): 5,
    }
    assert store.values(values) == values


@pytest.mark.parametrize("generation", [0, -1, 9])
def test_generations_that_there_are_not(store: Store, generation: int) -> None:
    with pytest.raises(HaproxyError, match=f"^generation: {generation} cannot .* can: 1\\."):
        past.values_at(store.connection, generation)


def test_a_history_with_a_gap(store: Store) -> None:
    edit(store, Domain("a.test", 1))
    edit(store, Domain("a.test", 2))
    fresh = Store(store.connection)
    fresh.put_domain(Domain("a.test", 3))
    assert history.begin(store.connection, "restored", fresh.changed(), above=11) == 12
    assert past.values_at(store.connection, 3) == {("domain", "a.test"): Domain("a.test", 2)}
    for missing in (4, 11, 13):
        with pytest.raises(HaproxyError, match=f"{missing} cannot .* These can: 1 to 3, 12\\. "):
            past.values_at(store.connection, missing)


def test_the_window(store: Store) -> None:
    for number in range(history.WINDOW + 5):
        edit(store, Domain("a.test", 1 + number % 2))
    newest = history.last_generation(store.connection)
    past.values_at(store.connection, newest - history.WINDOW)
    with pytest.raises(HaproxyError, match="cannot be rolled back to"):
        past.values_at(store.connection, newest - history.WINDOW - 1)


@pytest.mark.parametrize("text", ["[", "{}x", '[{"kind": "domain"}]', "[1]"])
def test_a_damaged_row(store: Store, text: str) -> None:
    edit(store, Domain("a.test", 1))
    store.connection.execute("UPDATE history SET changes = ? WHERE generation = 2", (text,))
    with pytest.raises(Damaged):
        past.values_at(store.connection, 1)


def test_the_newest_come_first(store: Store) -> None:
    edit(store, Domain("a.test", 1))
    newest, oldest = past.newest(store.connection, 5)
    assert (newest.generation, oldest.generation) == (2, 1)
    assert newest.changes is not None and newest.changes[0]["name"] == "a.test"
    assert len(past.newest(store.connection, 1)) == 1


def test_the_digest_then(store: Store) -> None:
    edit(store, Domain("a.test", 1))
    digests = [past.digest_at(store.connection, n) for n in (1, 2, 9)]
    assert digests[0] != digests[1] == digests[2]
    assert past.digest_at(store.connection, 0) == ""
