# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the entries come to, and what becomes of each."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.files import (
    CERTIFICATE,
    DOMAIN,
    SERVER,
    Found,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.truth import (
    Legacy,
    verdict_views,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain


def legacy(*entries: tuple[str, dict[str, Any]]) -> Legacy:
    """All of these entries, closed."""
    made = Legacy()
    made.add(Found("x", str(values), kind, values) for kind, values in entries)
    made.close()
    return made


def domain(name: str, pool: Any = "pool_5", **values: Any) -> tuple[str, dict[str, Any]]:
    """An entry of a domain."""
    return DOMAIN, {"domain": name, "pool": pool, **values}


def server(owner: str = "a.test", **values: Any) -> tuple[str, dict[str, Any]]:
    """An entry of a server."""
    return SERVER, {"owner": owner, "slot": "1", "ip": "10.0.0.1", **values}


def test_domains_share_as_they_say() -> None:
    made = legacy(domain("z.test"), domain("a.test", share_with="z.test"), domain("b.test", 6))
    assert made.domains == {
        "z.test": Domain("z.test", 5),
        "a.test": Domain("a.test", 5, "z.test"),
        "b.test": Domain("b.test", 6),
    }
    assert made.unclear == []


def test_where_nobody_says_who_shares_the_first_name_owns() -> None:
    made = legacy(domain("*.a.test"), domain("c.test"), domain("b.test", share_with="gone.test"))
    assert {name: row.share_with for name, row in made.domains.items()} == {
        "b.test": None,
        "c.test": "b.test",
        "*.a.test": "b.test",
    }


def test_a_domain_that_shares_needs_no_pool() -> None:
    made = legacy(domain("a.test"), (DOMAIN, {"domain": "b.test", "share_with": "a.test"}))
    assert made.domains["b.test"] == Domain("b.test", 5, "a.test")


def test_servers_of_domains_and_pools() -> None:
    made = legacy(
        domain("a.test"),
        server(http_port="81", weight="3", state="DRAIN"),
        server("pool_7", slot=2, ip="[2001:db8::1]", state="disabled"),
        server(slot=None, ip="10.0.0.2"),
        (SERVER, {"pool": 8, "slot": 1, "ip": "10.0.0.9"}),
    )
    assert made.pools == {
        5: {1: Server("10.0.0.1", 81, 3, "drain"), 2: Server("10.0.0.2")},
        7: {2: Server("2001:db8::1", 80, 1, "maint")},
        8: {1: Server("10.0.0.9")},
    }


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (domain("a b"), "domain: 'a b' is not a domain"),
        (domain("a.test", "static"), "pool: 'static' is not a pool"),
        (domain("x.test", "pool_6"), "It has pool_5 in another place."),
        ((DOMAIN, {"domain": "b.test"}), "It names no pool, and shares"),
        (server(ip="10.0.0.300"), "ip: '10.0.0.300' is not an IP address"),
        (server(slot="first"), "slot: 'first' is out of range"),
        (server(http_port=0), "http_port: 0 is out of range"),
        (server(weight=300), "weight: 300 is out of range"),
        (server(state="odd"), "state: 'odd' is not a server's state"),
        (server("no.test"), "It belongs to no domain or pool that is known."),
        (server("x.test", ip="10.0.0.8"), "Slot 1 has 10.0.0.7:80 already."),
        (server("x.test", slot=3, ip="10.0.0.7"), "Slot 1 has the same server."),
        ((CERTIFICATE, {"domain": "a b"}), "domain: 'a b' is not a domain"),
    ],
)
def test_what_is_unclear(entry: tuple[str, dict[str, Any]], reason: str) -> None:
    made = legacy(domain("a.test"), domain("x.test"), server("x.test", ip="10.0.0.7"), entry)
    (verdict,) = made.unclear
    assert verdict.reason.startswith(reason)
    taken = [view["taken"] for view in verdict_views(made.verdicts)]
    assert taken == [True, True, True, False]


def test_certificates_by_name() -> None:
    made = legacy((CERTIFICATE, {"domain": "*.A.test"}), (CERTIFICATE, {"domain": "*.a.test"}))
    assert made.certificates == {"*.a.test": "*.A.test"}
