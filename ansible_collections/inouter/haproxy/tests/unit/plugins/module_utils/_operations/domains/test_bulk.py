# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving the truth a whole list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.bulk import (
    DomainsRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

SETTINGS = Settings(pool_count=6, pool_slots=3)
IP = {"ip": "10.0.0.1"}
FIRST: list[dict[str, Any]] = [
    {"domain": "a.test", **IP},
    {"domain": "b.test", "share_with": "a.test"},
    {"domain": "c.test", "pool": "pool_5", "servers": [IP]},
    {"domain": "d.test", **IP},
    {"domain": "e.test", **IP},
]


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store(SETTINGS.pool_count) as made:
        DomainsRequest(FIRST).edit(made, SETTINGS)
        yield Store(made.connection)


def ask(store: Store, *items: dict[str, Any], **options: Any) -> tuple[Scope, dict[str, Any]]:
    request = DomainsRequest(items, **options)
    scope = request.edit(store, SETTINGS)
    return scope, request.describe(store)


def rows(store: Store) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in store.domains()]


def test_a_list_becomes_rows(store: Store) -> None:
    assert rows(store) == [
        ("a.test", 1, None),
        ("b.test", 1, "a.test"),
        ("c.test", 5, None),
        ("d.test", 2, None),
        ("e.test", 3, None),
    ]
    assert store.pools() == {pool: {1: Server("10.0.0.1")} for pool in (1, 2, 3, 5)}


def test_the_same_again_changes_nothing(store: Store) -> None:
    _scope, told = ask(store, *FIRST, prune=True)
    assert store.changed() == {}
    counts = {"added": 0, "changed": 0, "removed": 0, "unchanged": 5}
    assert told == {"counts": counts, "removed": []}


def test_what_is_looked_at_and_counted(store: Store) -> None:
    scope, told = ask(store, {"domain": "n.test", **IP}, {"domain": "a.test", "pool": "pool_6"})
    assert scope == scope_of(["a.test", "b.test", "n.test"], [1, 4, 6])
    assert told["counts"] == {"added": 1, "changed": 2, "removed": 0, "unchanged": 0}


def test_sharers_of_a_domain_that_stays_are_not_looked_at(store: Store) -> None:
    scope, told = ask(store, {"domain": "a.test", "ip": "10.0.0.7"})
    assert scope == scope_of(["a.test"], [1])
    assert told["counts"] == {"added": 0, "changed": 1, "removed": 0, "unchanged": 1}


def test_with_prune_everything_is_looked_at(store: Store) -> None:
    scope, told = ask(store, *FIRST[:4], prune=True)
    assert scope == EVERYTHING
    assert told["removed"] == ["e.test"]
    assert store.servers(3) == {}


@pytest.mark.parametrize(
    ("kept", "limit", "stops"),
    [(4, 20, False), (4, 19, True), (3, 39, True), (3, 40, False), (0, 99, True), (0, 100, False)],
)
def test_prune_limit(store: Store, kept: int, limit: int, stops: bool) -> None:
    before = rows(store)
    if not stops:
        ask(store, *FIRST[:kept], prune=True, prune_limit=limit)
        assert len(rows(store)) == kept
        return
    with pytest.raises(Conflict, match=f"prune_limit allows to remove {limit} %"):
        ask(store, *FIRST[:kept], prune=True, prune_limit=limit)
    assert rows(store) == before


def test_prune_stops_with_the_names(store: Store) -> None:
    with pytest.raises(Conflict) as caught:
        ask(store, prune=True)
    assert str(caught.value) == (
        "prune: 5 of 5 domains (100 %) are not in the list, and prune_limit allows to remove 20 %:"
        " a.test, b.test, c.test and 2 more. Nothing was changed. Check that the list is complete,"
        " or raise prune_limit."
    )


def test_an_empty_instance_can_be_pruned() -> None:
    with memory_store(6) as empty:
        assert ask(empty, prune=True)[1]["counts"]["removed"] == 0


def test_new_pools_may_be_named_where_they_follow_the_last(store: Store) -> None:
    items = [{"domain": f"n{pool}.test", "pool": f"pool_{pool}", **IP} for pool in (8, 7)]
    for name, value in SETTINGS.rows().items():
        store.put_setting(name, value)
    ask(store, *items, {"domain": "m.test", **IP}, {"domain": "o.test", **IP}, version=lambda: None)
    found = {row.domain: row.pool for row in store.domains()}
    assert [found[name] for name in ("n7.test", "n8.test", "m.test", "o.test")] == [7, 8, 4, 6]
    assert Settings.of_rows(store.settings()).pools == store.pool_count() == 8


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"domain": "n.test", "pool": "pool_8", **IP}], "domains[0].pool: 'pool_8' does not"),
        ([{"domain": "n.test", "pool": "pool_7", **IP}], "All 6 pools are in use, and one more"),
        ([{"domain": f"n{n}.test", **IP} for n in range(3)], "All 6 pools are in use, and one"),
    ],
)
def test_pools_that_cannot_be_had(store: Store, items: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(HaproxyError) as caught:
        ask(store, *items)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("limit", [-1, 101])
def test_a_limit_is_a_percentage(limit: int) -> None:
    with pytest.raises(HaproxyError, match="prune_limit"):
        DomainsRequest([], prune_limit=limit)


def test_certificates_need_https(store: Store) -> None:
    certificate = {"content": "x", "domains": []}
    with pytest.raises(Conflict, match="serves no HTTPS"):
        ask(store, {"domain": "a.test", "certificates": [certificate]})
