# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of all rows: moved on by changes as if it had been taken anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store import digest
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small
from ansible_collections.inouter.haproxy.tests.unit.support.secured import fake
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store


def test_an_empty_database() -> None:
    with memory_store(pools=0) as store:
        assert digest.of_rows(store) == "0" * 32


def test_each_kind_of_row_counts() -> None:
    with memory_store() as store:
        seen = {digest.of_rows(store)}
        store.put_domain(Domain("a.test", 1))
        seen.add(digest.of_rows(store))
        store.put_servers(1, {1: Server("10.0.0.1")})
        seen.add(digest.of_rows(store))
        store.put_certificate(("a.test", "ecdsa"), fake("a.test")[0])
        seen.add(digest.of_rows(store))
        store.put_setting("https", "")
        seen.add(digest.of_rows(store))
        store.set_pool_count(6)
        assert len(seen | {digest.of_rows(store)}) == 6


def test_it_is_the_same_in_each_release() -> None:
    """A database that an older release wrote is not damaged because of that."""
    with memory_store() as store:
        store.put_domain(Domain("a.test", 1))
        store.put_servers(1, {1: Server("10.0.0.1")})
        store.put_setting("x", "\u00fc")
        assert digest.of_rows(store) == "47d042fedf4b3ca16d434f8c6a549578"


@given(st.lists(st.tuples(small.domains, small.pools), max_size=6), small.pool_servers())
def test_it_moves_with_the_changes(rows: list[tuple[str, int]], servers: dict[int, Server]) -> None:
    with memory_store() as store:
        for name, pool in rows[:3]:
            store.put_domain(Domain(name, pool))
        before, later = digest.of_rows(store), Store(store.connection)
        for name, pool in rows[3:]:
            later.put_domain(Domain(name, pool))
        for name, _pool in rows[:1]:
            later.delete_domain(name)
        later.put_servers(1, servers)
        assert digest.moved(before, later.changed()) == digest.of_rows(store)
        later.put_back(later.changed())
        assert digest.of_rows(store) == before
