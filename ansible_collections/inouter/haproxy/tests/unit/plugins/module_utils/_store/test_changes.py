# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edits of a transaction changed, and putting it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store.database import transaction
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small
from ansible_collections.inouter.haproxy.tests.unit.support.truth import (
    Rows,
    memory_store,
    new_store,
    tables,
)

ONE, TWO = Server("10.0.0.1"), Server("2001:db8::1", 8080, 5, "drain")
Edit = Callable[[Store], None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def test_an_edit_that_changes_nothing_is_no_change(store: Store) -> None:
    store.put_domain(Domain("a.test", 1))
    store.put_servers(1, {1: ONE})
    store.put_setting("x", "1")
    again = Store(store.connection)
    again.put_domain(Domain("a.test", 1))
    again.put_servers(1, {1: ONE})
    again.put_setting("x", "1")
    again.put_setting("y", None)
    again.set_pool_count(5)
    again.delete_domain("no.test")
    assert (again.changes, again.changed()) == ({}, {})


def test_an_edit_that_is_taken_back_is_no_change(store: Store) -> None:
    store.put_domain(Domain("a.test", 1))
    store.delete_domain("a.test")
    assert store.changes == {("domain", "a.test"): None}
    assert store.changed() == {}


def test_changed_tells_the_first_value_and_the_last(store: Store) -> None:
    store.put_servers(1, {1: ONE})
    later = Store(store.connection)
    later.put_servers(1, {1: TWO})
    later.put_servers(1, {2: TWO})
    later.put_domain(Domain("a.test", 1))
    later.set_pool_count(6)
    later.set_pool_count(7)
    assert later.changed() == {
        ("pool", 1): ({1: ONE}, {2: TWO}),
        ("domain", "a.test"): (None, Domain("a.test", 1)),
        ("pool_count", ""): (5, 7),
    }


def test_a_new_setting_is_put_back(store: Store) -> None:
    store.put_setting("pool_count", "5")
    assert store.changed() == {("setting", "pool_count"): (None, "5")}
    store.put_back(store.changed())
    assert store.settings() == {}


def test_a_setting_that_was_taken_away_is_put_back(store: Store) -> None:
    store.put_setting("x", "1")
    later = Store(store.connection)
    later.put_setting("x", None)
    assert later.changed() == {("setting", "x"): ("1", None)}
    later.put_back(later.changed())
    assert store.settings() == {"x": "1"}


@pytest.mark.parametrize("count", [9, 2])
def test_the_pools_are_put_back(store: Store, count: int) -> None:
    before = tables(store.connection)
    store.set_pool_count(count)
    assert store.changed() == {("pool_count", ""): (5, count)}
    store.put_back(store.changed())
    assert tables(store.connection) == before


def test_new_pools_that_are_used_are_put_back(store: Store) -> None:
    before = tables(store.connection)
    with transaction(store.connection):
        store.set_pool_count(6)
        store.put_servers(6, {1: ONE})
        store.put_domain(Domain("a.test", 6))
    with transaction(store.connection):
        store.put_back(store.changed())
    assert tables(store.connection) == before


def edits() -> st.SearchStrategy[Edit]:
    owners = st.sampled_from((None, "a.test", "b.test"))
    rows = st.builds(Domain, small.domains, small.pools, owners)
    return st.one_of(
        rows.map(lambda row: lambda store: store.put_domain(row)),
        small.domains.map(lambda name: lambda store: store.delete_domain(name)),
        st.tuples(small.pools, small.pool_servers()).map(
            lambda pair: lambda store: store.put_servers(*pair)
        ),
        st.sampled_from(("1", "2", None)).map(
            lambda value: lambda store: store.put_setting("x", value)
        ),
        st.integers(small.POOL_COUNT, 9).map(
            lambda count: lambda store: store.set_pool_count(count)
        ),
    )


def by_key(rows: Rows) -> dict[tuple[str, Any], Any]:
    found: dict[tuple[str, Any], Any] = {("pool", row[0]): {} for row in rows["pools"]}
    found.update({("domain", row[0]): Domain(*row) for row in rows["domains"]})  # type: ignore[arg-type]
    found["pool_count", ""] = len(rows["pools"])
    found.update({("setting", row[0]): row[1] for row in rows["settings"]})
    for pool, slot, *values in rows["servers"]:
        found["pool", pool][slot] = Server(*values)  # type: ignore[arg-type]
    return found


@given(st.lists(edits(), max_size=8), st.lists(edits(), max_size=12))
def test_changes_are_exactly_what_differs_and_can_be_put_back(
    first: list[Edit], later: list[Edit]
) -> None:
    with memory_store() as store:
        for edit in first:
            edit(store)
        before = tables(store.connection)
        edited = Store(store.connection)
        for edit in later:
            edit(edited)
        _check_changed(edited, by_key(before), by_key(tables(store.connection)))
        edited.put_back(edited.changed())
        assert tables(store.connection) == before


def _check_changed(store: Store, before: dict[Any, Any], after: dict[Any, Any]) -> None:
    pairs = {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()}
    pairs = {key: pair for key, pair in pairs.items() if (pair[0] or {}) != (pair[1] or {})}
    assert store.changed() == pairs
