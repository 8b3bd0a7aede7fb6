# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the truth in the shape in which they are returned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads import views
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

ONE, TWO = Server("10.0.0.1"), Server("2001:db8::1", 8080, 5, "drain")
ONE_VIEW = {
    "slot": 1,
    "name": "pool_1_1",
    "ip": "10.0.0.1",
    "http_port": 80,
    "weight": 1,
    "state": "ready",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        made.put_domain(Domain("a.test", 1))
        made.put_domain(Domain("b.test", 1, "a.test"))
        made.put_domain(Domain("c.test", 2))
        made.put_servers(1, {3: TWO, 1: ONE})
        yield made


def test_servers_come_in_the_order_of_their_slots() -> None:
    first, second = views.pool_view(1, {3: TWO, 1: ONE})
    assert first == ONE_VIEW
    assert (second["slot"], second["name"], second["ip"]) == (3, "pool_1_3", "2001:db8::1")


def test_a_domain_has_its_pool_and_servers(store: Store) -> None:
    (view,) = views.domain_views(store, ["b.test"])
    assert list(view) == ["domain", "pool", "share_with", "servers"]
    assert (view["domain"], view["pool"], view["share_with"]) == ("b.test", "pool_1", "a.test")
    assert view["servers"][0] == ONE_VIEW


def test_all_domains_or_those_that_are_there(store: Store) -> None:
    names = [view["domain"] for view in views.domain_views(store)]
    assert names == ["a.test", "b.test", "c.test"]
    assert [view["domain"] for view in views.domain_views(store, ["c.test", "x.test"])] == [
        "c.test"
    ]
    assert views.domain_views(store, []) == []


def test_a_domain_with_no_server(store: Store) -> None:
    (view,) = views.domain_views(store, ["c.test"])
    assert (view["share_with"], view["servers"]) == (None, [])
