# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free pools, and new ones where those are used up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import (
    MAX_POOLS,
    Settings,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Conflict
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.choice import (
    AskVersion,
    have_pools,
    take_pools,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

SETTINGS = Settings(pool_count=3)


def new() -> tuple[int, int]:
    return (3, 4)


def old() -> tuple[int, int]:
    return (3, 3)


def stopped() -> None:
    return None


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store(3) as made:
        for name, value in SETTINGS.rows().items():
            made.put_setting(name, value)
        made.put_domain(Domain("a.test", 2))
        yield made


def test_free_pools_but_for_those_that_are_spoken_for(store: Store) -> None:
    assert take_pools(store, SETTINGS, 2, None) == [1, 3]
    assert take_pools(store, SETTINGS, 1, None, [1, 2]) == [3]
    assert store.pool_count() == 3


@pytest.mark.parametrize("version", [new, stopped])
def test_new_pools_come_behind_the_last(store: Store, version: AskVersion) -> None:
    assert take_pools(store, SETTINGS, 4, version) == [1, 3, 4, 5]
    settings = Settings.of_rows(store.settings())
    assert (settings.pool_count, settings.runtime_pools, store.pool_count()) == (3, 2, 5)
    assert have_pools(store, settings, 6, version).pools == store.pool_count() == 6
    assert have_pools(store, settings, 5, None) == settings


def test_the_version_is_asked_only_where_it_matters(store: Store) -> None:
    take_pools(store, SETTINGS, 2, lambda: pytest.fail("asked"))


@pytest.mark.parametrize(
    ("version", "count", "words"),
    [
        (old, 3, "All 3 pools are in use, and one more is needed. Let domains share"),
        (None, 7, "All 3 pools are in use, and 5 more are needed. Let domains share"),
        (new, MAX_POOLS, "All 3 pools are in use, and 99998 more are needed. More than 100000"),
    ],
)
def test_no_more_pools(store: Store, version: AskVersion, count: int, words: str) -> None:
    with pytest.raises(Conflict) as caught:
        take_pools(store, SETTINGS, count, version)
    assert str(caught.value).startswith(words)
    assert store.pool_count() == 3


def test_an_old_haproxy_says_both_ways_out_and_its_version(store: Store) -> None:
    with pytest.raises(Conflict, match=r"share_with.*haproxy_pool_count.*this one is 3\.3\."):
        have_pools(store, SETTINGS, 4, old)
