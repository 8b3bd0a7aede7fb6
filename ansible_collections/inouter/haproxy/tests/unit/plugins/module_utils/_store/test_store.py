# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the truth: reads and edits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import IntegrityError

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store.database import transaction
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import (
    Domain,
    Store,
    existing_domain,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store, tables

ONE, TWO = Server("10.0.0.1"), Server("2001:db8::1", 8080, 5, "drain")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def test_domains_come_in_the_order_of_their_names(store: Store) -> None:
    rows = [Domain("b.test", 1), Domain("*.a.test", 2), Domain("a.test", 3)]
    for row in rows:
        store.put_domain(row)
    assert list(store.domains()) == sorted(rows, key=lambda row: row.domain)
    assert list(store.domains(["b.test", "a.test", "no.test"])) == [rows[2], rows[0]]
    assert list(store.domains([])) == []
    assert (store.domain("a.test"), store.domain("no.test")) == (rows[2], None)


def test_many_names_are_looked_up_in_order(store: Store) -> None:
    names = [f"{number}.test" for number in range(1201)]
    for name in names:
        store.put_domain(Domain(name, 1))
    assert [row.domain for row in store.domains(set(names))] == sorted(names)
    assert len(store.domains_of(1)) == 1201


def test_domains_of_a_pool(store: Store) -> None:
    rows = [Domain("a.test", 1), Domain("b.test", 1, "a.test"), Domain("c.test", 2)]
    for row in rows:
        store.put_domain(row)
    assert store.domains_of(1) == rows[:2]
    assert store.domains_of(3) == []


def test_put_domain_changes_the_row_that_is_there(store: Store) -> None:
    with transaction(store.connection):
        store.put_domain(Domain("a.test", 1))
        store.put_domain(Domain("b.test", 1, "a.test"))
        store.put_domain(Domain("a.test", 2))
    assert store.domain("a.test") == Domain("a.test", 2)


def test_servers_of_pools(store: Store) -> None:
    store.put_servers(1, {3: TWO, 1: ONE})
    store.put_servers(2, {2: ONE})
    assert store.servers(1) == {1: ONE, 3: TWO}
    assert list(store.servers(1)) == [1, 3]
    assert store.pools() == {1: {1: ONE, 3: TWO}, 2: {2: ONE}}
    assert store.pools([2, 5]) == {2: {2: ONE}}
    store.put_servers(1, {2: TWO})
    assert (store.servers(1), store.servers(5)) == ({2: TWO}, {})


@pytest.mark.parametrize("count", [1, 5, 7])
def test_pool_count(store: Store, count: int) -> None:
    store.mark_freed(1, 9)
    store.set_pool_count(count)
    assert store.pool_count() == count
    assert [store.has_pool(pool) for pool in (0, 1, count, count + 1)] == [False, True, True, False]
    assert tables(store.connection)["pools"][0] == (1, 9)


def test_a_pool_that_is_used_is_never_taken_away(store: Store) -> None:
    store.put_domain(Domain("a.test", 5))
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction(store.connection):
        store.set_pool_count(4)
    assert (store.pool_count(), store.domain("a.test")) == (5, Domain("a.test", 5))


def test_an_unused_pool_comes_first_then_the_one_freed_longest_ago(
    store: Store,
) -> None:
    given_out: list[int] = []
    for generation, pool in enumerate((3, 1, 5), start=1):
        store.mark_freed(pool, generation)
    assert store.free_pools(9) == [2, 4, 3, 1, 5]
    for name in ("a.test", "b.test", "c.test", "d.test", "e.test"):
        (pool,) = store.free_pools(1)
        given_out.append(pool)
        store.put_domain(Domain(name, pool))
    assert given_out == [2, 4, 3, 1, 5]
    assert store.free_pools(1) == []


def test_settings(store: Store) -> None:
    assert store.settings() == {}
    store.put_setting("pool_count", "5")
    store.put_setting("pool_count", "6")
    store.put_setting("other", "x")
    assert store.settings() == {"pool_count": "6", "other": "x"}
    store.put_setting("pool_count", None)
    assert store.settings() == {"other": "x"}


@pytest.mark.parametrize("name", ["a.test", "A.Test."])
def test_existing_domain(store: Store, name: str) -> None:
    store.put_domain(Domain("a.test", 1))
    assert existing_domain(store, name) == Domain("a.test", 1)


def test_existing_domain_refuses_one_that_is_not_there(store: Store) -> None:
    with pytest.raises(InvalidInput, match=r"^share_with: 'a.test' is not a domain of this"):
        existing_domain(store, "a.test", "share_with")
