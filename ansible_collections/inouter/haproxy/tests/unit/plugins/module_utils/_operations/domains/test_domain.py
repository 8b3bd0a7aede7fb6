# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, changing and removing one domain in the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

SETTINGS = Settings(pool_count=3, pool_slots=3)
ONE, TWO = Server("10.0.0.1"), Server("10.0.0.2")


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store(SETTINGS.pool_count) as made:
        yield made


def ask(store: Store, domain: str, **options: Any) -> Scope:
    return DomainRequest(domain, **options).edit(store, SETTINGS)


def rows(store: Store) -> list[tuple[Any, ...]]:
    return [(row.domain, row.pool, row.share_with) for row in store.domains()]


def test_a_new_domain_takes_a_free_pool(store: Store) -> None:
    assert ask(store, "A.Test.", ip="10.0.0.1", http_port=8080) == scope_of(["a.test"], [1])
    assert rows(store) == [("a.test", 1, None)]
    assert store.pools() == {1: {1: ONE._replace(http_port=8080)}}
    assert ask(store, "b.test", servers=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.2", "slot": 3}])
    assert store.servers(2) == {1: ONE, 3: TWO}


def test_a_new_domain_takes_the_pool_that_is_asked_for(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1", pool="pool_3")
    assert rows(store) == [("a.test", 3, None)]


def test_the_same_again_changes_nothing(store: Store) -> None:
    options = {"servers": [{"ip": "10.0.0.1", "weight": 5}], "pool": "pool_2"}
    ask(store, "a.test", **options)
    again = Store(store.connection)
    assert ask(again, "a.test", **options) == scope_of(["a.test"], [2])
    assert again.changed() == {}


def test_ip_changes_slot_1_and_leaves_the_others(store: Store) -> None:
    ask(store, "a.test", servers=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}])
    ask(store, "a.test", ip="10.0.0.9")
    assert store.servers(1) == {1: Server("10.0.0.9"), 2: TWO}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"ip": "10.0.0.1", "prune": True}, [1]),
        ({"servers": [{"ip": "10.0.0.2"}], "prune": True}, [2]),
        ({"servers": [], "prune": True}, []),
        ({"servers": []}, [1, 2]),
        ({"prune": True}, [1, 2]),
        ({}, [1, 2]),
    ],
)
def test_prune(store: Store, options: dict[str, Any], left: list[int]) -> None:
    ask(store, "a.test", servers=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}])
    ask(store, "a.test", **options)
    assert sorted(store.servers(1)) == left


def test_sharing_and_removing(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    assert ask(store, "b.test", share_with="A.Test.") == scope_of(["b.test"], [1])
    assert rows(store) == [("a.test", 1, None), ("b.test", 1, "a.test")]
    assert ask(store, "b.test", present=False) == scope_of(["b.test"], [1])
    assert store.servers(1) == {1: ONE}
    ask(store, "a.test", present=False)
    assert (rows(store), store.pools()) == ([], {})


def test_a_domain_that_is_not_there_is_gone_already(store: Store) -> None:
    assert ask(store, "a.test", present=False) == scope_of(["a.test"])
    assert store.changed() == {}


def test_the_owner_of_a_shared_pool_hands_it_over(store: Store) -> None:
    ask(store, "m.test", ip="10.0.0.1")
    for name in ("z.test", "b.test"):
        ask(store, name, share_with="m.test")
    ask(store, "m.test", present=False)
    assert rows(store) == [("b.test", 1, None), ("z.test", 1, "b.test")]
    assert store.servers(1) == {1: ONE}


def test_a_domain_gives_its_pool_up_to_share_another(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    ask(store, "b.test", ip="10.0.0.2")
    assert ask(store, "b.test", share_with="a.test") == scope_of(["b.test"], [1, 2])
    assert rows(store) == [("a.test", 1, None), ("b.test", 1, "a.test")]
    assert store.pools() == {1: {1: ONE}}


def test_a_sharer_with_servers_of_its_own_gets_a_pool_of_its_own(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    ask(store, "b.test", share_with="a.test")
    ask(store, "b.test")
    assert rows(store)[1] == ("b.test", 1, "a.test")
    assert ask(store, "b.test", ip="10.0.0.2") == scope_of(["b.test"], [1, 2])
    assert rows(store) == [("a.test", 1, None), ("b.test", 2, None)]
    assert store.pools() == {1: {1: ONE}, 2: {1: TWO}}


def test_a_domain_is_moved_with_its_servers_and_all_that_share_it(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    ask(store, "b.test", share_with="a.test")
    assert ask(store, "a.test", pool="pool_3") == scope_of(["a.test", "b.test"], [1, 3])
    assert rows(store) == [("a.test", 3, None), ("b.test", 3, "a.test")]
    assert store.pools() == {3: {1: ONE}}
    ask(store, "a.test", pool="pool_2", ip="10.0.0.2")
    assert store.pools() == {2: {1: TWO}}


@pytest.mark.parametrize(
    ("domain", "options", "words"),
    [
        (
            "new.test",
            {},
            "new.test is new and would have no server: give ip, servers or share_with",
        ),
        ("new.test", {"servers": []}, "new.test is new and would have no server"),
        ("new.test", {"ip": "::1", "servers": []}, "new.test: give either ip or servers, not both"),
        (
            "new.test",
            {"share_with": "a.test", "ip": "::1"},
            "new.test: share_with takes the servers",
        ),
        ("new.test", {"share_with": "a.test", "pool": "pool_3"}, "new.test: share_with takes"),
        ("new.test", {"share_with": "no.test"}, "share_with: 'no.test' is not a domain of this"),
        (
            "new.test",
            {"share_with": "b.test"},
            "share_with: 'b.test' itself shares the pool of a.test",
        ),
        ("new.test", {"share_with": "a b"}, "share_with: 'a b' is not a domain"),
        ("a.test", {"share_with": "A.test"}, "share_with: 'a.test' is the domain itself"),
        ("new.test", {"ip": "x"}, "ip: 'x' is not an IP address"),
        ("new.test", {"ip": "::1", "http_port": 0}, "http_port: 0 is out of range"),
        ("new.test", {"servers": [{"ip": "x"}]}, "servers[0].ip: 'x' is not an IP address"),
        ("new.test", {"ip": "::1", "pool": "5"}, "pool: '5' is not a pool"),
        (
            "new.test",
            {"ip": "::1", "pool": "pool_4"},
            "pool: 'pool_4' does not exist. This instance",
        ),
        ("new.test", {"ip": "::1", "pool": "pool_1"}, "pool: pool_1 already serves a.test."),
        ("c.test", {"pool": "pool_1"}, "pool: pool_1 already serves a.test."),
        ("a b", {"ip": "::1"}, "domain: 'a b' is not a domain"),
        ("a b", {"present": False}, "domain: 'a b' is not a domain"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    store: Store, domain: str, options: dict[str, Any], words: str
) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    ask(store, "b.test", share_with="a.test")
    ask(store, "c.test", ip="10.0.0.3")
    with pytest.raises((InvalidInput, Conflict)) as caught:
        ask(store, domain, **options)
    assert str(caught.value).startswith(words)


def test_when_all_pools_are_in_use_the_ways_out_are_named(store: Store) -> None:
    for name in ("a.test", "b.test", "c.test"):
        ask(store, name, ip="10.0.0.1")
    with pytest.raises(
        Conflict, match=r"^All 3 pools are in use, and one more is.*share_with.*haproxy_pool_count"
    ):
        ask(store, "d.test", ip="10.0.0.1")
    ask(store, "d.test", share_with="a.test")


def test_describe(store: Store) -> None:
    ask(store, "a.test", ip="10.0.0.1")
    described = DomainRequest("A.test").describe(store)
    assert (described["domain"], described["pool"], len(described["servers"])) == (
        "a.test",
        "pool_1",
        1,
    )
    assert DomainRequest("B.test").describe(store) == {"domain": "b.test"}
