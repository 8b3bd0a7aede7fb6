# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, changing and removing servers of one domain's pool in the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Pool, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

SETTINGS = Settings(pool_count=3, pool_slots=3)
A, B = Server("10.0.0.1"), Server("10.0.0.2", 8080, 5, "drain")
BOTH = {1: A, 2: B}


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store(SETTINGS.pool_count) as made:
        made.put_domain(Domain("a.test", 2))
        made.put_domain(Domain("b.test", 2, "a.test"))
        made.put_servers(2, BOTH)
        yield made


def ask(store: Store, **options: Any) -> Scope:
    return ServerRequest("A.Test", **options).edit(store, SETTINGS)


def changed(pool: Pool, slot: int, **values: Any) -> Pool:
    return {**pool, slot: pool[slot]._replace(**values)}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"ip": "10.0.0.3"}, {**BOTH, 3: Server("10.0.0.3")}),
        ({"ip": "10.0.0.3", "slot": 0}, {**BOTH, 3: Server("10.0.0.3")}),
        (
            {"ip": "10.0.0.3", "weight": 9, "state": "maint"},
            {**BOTH, 3: Server("10.0.0.3", 80, 9, "maint")},
        ),
        ({"ip": "10.0.0.1"}, BOTH),
        ({"ip": "10.0.0.1", "weight": 0}, changed(BOTH, 1, weight=0)),
        ({"ip": "10.0.0.2", "http_port": 8080, "state": "ready"}, changed(BOTH, 2, state="ready")),
        ({"slot": 2, "state": "ready"}, changed(BOTH, 2, state="ready")),
        ({"slot": 2, "ip": "10.0.0.9"}, changed(BOTH, 2, ip="10.0.0.9", http_port=80)),
        ({"state": "maint"}, changed(changed(BOTH, 1, state="maint"), 2, state="maint")),
        ({"weight": 7}, changed(changed(BOTH, 1, weight=7), 2, weight=7)),
        (
            {"state": "ready", "weight": 3},
            {1: A._replace(weight=3), 2: B._replace(weight=3, state="ready")},
        ),
        ({"state": "absent", "slot": 1}, {2: B}),
        ({"state": "absent", "slot": 3}, BOTH),
        ({"state": "absent", "ip": "10.0.0.1"}, {2: B}),
        ({"state": "absent", "ip": "10.0.0.2"}, BOTH),
        ({"state": "absent", "ip": "10.0.0.2", "http_port": 8080}, {1: A}),
        ({"state": "absent", "servers": [{"slot": 1}, {"ip": "10.0.0.2", "http_port": 8080}]}, {}),
        ({"state": "absent", "servers": []}, BOTH),
        ({"servers": []}, BOTH),
        ({"state": "maint", "servers": []}, BOTH),
        (
            {"state": "drain", "weight": 4, "servers": [{"slot": 1}, {"slot": 2, "weight": None}]},
            {1: A._replace(weight=4, state="drain"), 2: B._replace(weight=4)},
        ),
        (
            {
                "state": "drain",
                "servers": [{"slot": 1, "state": "maint"}, {"slot": 2, "weight": 0}],
            },
            {1: A._replace(state="maint"), 2: B._replace(weight=0)},
        ),
    ],
)
def test_requests(store: Store, options: dict[str, Any], expected: Pool) -> None:
    assert ask(store, **options) == scope_of(["a.test"], [2])
    assert store.servers(2) == expected
    again = Store(store.connection)
    ask(again, **options)
    assert again.changed() == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {},
            "state=present needs to know which server of A.Test is meant: give slot, ip or servers",
        ),
        ({"state": "absent"}, "state=absent needs to know which server of A.Test is meant"),
        ({"servers": [], "ip": "::1"}, "Give either servers or slot and ip, not both."),
        ({"servers": [], "slot": 0}, "Give either servers or slot and ip, not both."),
        ({"slot": 3}, "slot: 3 is a free slot."),
        ({"slot": 4, "ip": "::1"}, "slot: 4 is out of range."),
        ({"slot": -1, "ip": "::1"}, "slot: -1 is out of range."),
        ({"ip": "a.test"}, "ip: 'a.test' is not an IP address."),
        ({"ip": "::1", "weight": 257}, "weight: 257 is out of range."),
        ({"weight": 257}, "weight: 257 is out of range."),
        ({"ip": "::1", "http_port": 0}, "http_port: 0 is out of range."),
        (
            {"servers": [{"ip": "::1"}, {"ip": "::1"}]},
            "servers[1].ip: '[::1]:80' is in servers[0] too",
        ),
        ({"servers": [{"ip": "::1"}, {"ip": "::2"}]}, "servers[1] finds no free slot"),
        ({"slot": 2, "ip": "10.0.0.1"}, "10.0.0.1:80 would stand in slot 1 and in slot 2"),
    ],
)
def test_what_cannot_be_is_said_in_words(store: Store, options: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidInput, Conflict)) as caught:
        ask(store, **options)
    assert str(caught.value).startswith(words)
    assert store.servers(2) == BOTH


@pytest.mark.parametrize("state", ["present", "maint", "absent"])
def test_slot_0_alone_names_no_server(store: Store, state: str) -> None:
    with pytest.raises((InvalidInput, Conflict)):
        ask(store, slot=0, state=state)


def test_a_domain_that_is_not_there(store: Store) -> None:
    with pytest.raises(InvalidInput, match="^domain: 'no.test' is not a domain of this instance"):
        ServerRequest("no.test", ip="::1").edit(store, SETTINGS)


def test_describe(store: Store) -> None:
    described = ServerRequest("B.test").describe(store)
    assert (described["domain"], described["pool"]) == ("b.test", "pool_2")
    assert [server["slot"] for server in described["servers"]] == [1, 2]


@pytest.mark.parametrize(
    ("options", "slots"),
    [
        ({"state": "maint"}, [1, 2]),
        ({"slot": 2}, [2]),
        ({"slot": 3}, []),
        ({"ip": "10.0.0.1"}, [1]),
        ({"ip": "10.0.0.9"}, []),
        ({"servers": [{"slot": 2}, {"ip": "10.0.0.1"}, {"slot": 3, "ip": "::1"}]}, [1, 2]),
        ({"servers": []}, []),
    ],
)
def test_slots_that_are_named(store: Store, options: dict[str, Any], slots: list[int]) -> None:
    assert ServerRequest("a.test", **options).slots(store, SETTINGS) == (2, slots)


def _request(options: dict[str, Any]) -> ServerRequest:
    return ServerRequest("a.test", **options)


requests = st.fixed_dictionaries(
    {
        "state": st.sampled_from(("present", "absent", "ready", "drain", "maint")),
        "slot": st.none() | small.slots,
        "ip": st.none() | st.sampled_from(small.IPS),
        "http_port": st.sampled_from(small.PORTS),
        "weight": st.none() | st.integers(0, 256),
    }
).map(_request)


@given(small.pool_servers(), requests)
def test_the_same_request_again_changes_nothing(present: Pool, request: ServerRequest) -> None:
    with memory_store(SETTINGS.pool_count) as store:
        store.put_domain(Domain("a.test", 2))
        store.put_servers(2, present)
        try:
            request.edit(store, SETTINGS)
        except HaproxyError:
            reject()
        after = Store(store.connection)
        request.edit(after, SETTINGS)
        assert after.changed() == {}
