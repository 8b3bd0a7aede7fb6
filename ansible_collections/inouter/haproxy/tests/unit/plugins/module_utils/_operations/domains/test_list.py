# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of domains, checked against itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.list import (
    Listed,
    listing,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.slots import Entry

IP = {"ip": "10.0.0.1"}


def names(*items: dict[str, Any]) -> list[str]:
    return list(listing(items, 3))


def test_entries_in_the_form_in_which_they_are_stored() -> None:
    servers = [{"ip": "::0001", "weight": 5, "http_port": None}, {"slot": 2}]
    found = listing(
        [
            {"domain": "Bücher.Test.", "servers": servers, "pool": "pool_7"},
            {"domain": "b.test", "ip": "10.0.0.1", "http_port": 8080, "pool": None},
            {"domain": "*.b.test", "share_with": "B.Test.", "servers": None, "ip": None},
            {"domain": "c.test"},
        ],
        3,
    )
    entries = [
        Entry("domains[0].servers[0]", 0, "::1", 80, 5),
        Entry("domains[0].servers[1]", 2),
    ]
    assert found == {
        "xn--bcher-kva.test": Listed("domains[0]", "xn--bcher-kva.test", entries, None, 7),
        "b.test": Listed("domains[1]", "b.test", [Entry("domains[1]", 1, "10.0.0.1", 8080)]),
        "*.b.test": Listed("domains[2]", "*.b.test", None, "b.test"),
        "c.test": Listed("domains[3]", "c.test"),
    }


@pytest.mark.parametrize(
    ("items", "kind", "words"),
    [
        (
            [{"domain": "a.test", **IP}, {"domain": "b.test", **IP}, {"domain": "A.test.", **IP}],
            InvalidInput,
            "domains[2].domain: 'A.test.' is in domains[0] too",
        ),
        (
            [{"domain": "a.test", "pool": "pool_3"}, {"domain": "b.test", "pool": "pool_3"}],
            InvalidInput,
            "domains[1].pool: 'pool_3' is in domains[0] too, which is a.test",
        ),
        (
            [{"domain": "a.test", "share_with": "A.test"}],
            InvalidInput,
            "domains[0].share_with: 'a.test' is the domain itself",
        ),
        (
            [
                {"domain": "a.test", "share_with": "b.test"},
                {"domain": "b.test", "share_with": "c.test"},
                {"domain": "c.test"},
            ],
            InvalidInput,
            "domains[0].share_with: 'b.test' itself shares, in domains[1], the pool of c.test",
        ),
        (
            [{"domain": "b.test"}, {"domain": "a.test", "share_with": "b.test", **IP}],
            Conflict,
            "domains[1]: a.test has share_with",
        ),
        (
            [{"domain": "a.test", "share_with": "b.test", "pool": "pool_1"}],
            Conflict,
            "domains[0]: a.test has share_with",
        ),
        (
            [{"domain": "a.test", "servers": [IP], **IP}],
            Conflict,
            "domains[0]: give either ip or servers, not both",
        ),
        ([{"domain": "a_b"}], InvalidInput, "domains[0].domain: 'a_b' is not a domain"),
        (
            [{"domain": "a.test", "share_with": "a b"}],
            InvalidInput,
            "domains[0].share_with: 'a b' is not a domain",
        ),
        (
            [{"domain": "a.test", "pool": "pool_x"}],
            InvalidInput,
            "domains[0].pool: 'pool_x' is not a pool",
        ),
        (
            [{"domain": "a.test", "servers": [IP, {"ip": "x"}]}],
            InvalidInput,
            "domains[0].servers[1].ip: 'x' is not an IP address",
        ),
        (
            [{"domain": "a.test", "servers": [IP, IP]}],
            InvalidInput,
            "domains[0].servers[1].ip: '10.0.0.1:80' is in domains[0].servers[0] too",
        ),
        (
            [{"domain": "a.test", "servers": [IP] * 4}],
            InvalidInput,
            "domains[0].servers: 4 servers are too many for one pool",
        ),
        (
            [{"domain": "a.test", "ip": "10.0.0.1", "http_port": 0}],
            InvalidInput,
            "domains[0].http_port: 0 is out of range",
        ),
    ],
)
def test_errors(items: list[dict[str, Any]], kind: type[HaproxyError], words: str) -> None:
    with pytest.raises(kind) as caught:
        listing(items, 3)
    assert str(caught.value).startswith(words)


def test_the_order_means_nothing() -> None:
    shared, owner = {"domain": "a.test", "share_with": "b.test"}, {"domain": "b.test", **IP}
    assert sorted(names(shared, owner)) == sorted(names(owner, shared))
