# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools that add must not take the place of."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.configuration.inventory import Host
from ansible_collections.inouter.haproxy.mcp_server.problems import ReadFailed
from ansible_collections.inouter.haproxy.mcp_server.tools import certificates, domains, servers
from ansible_collections.inouter.haproxy.mcp_server.tools.additions import replaced
from ansible_collections.inouter.haproxy.mcp_server.tools.arguments import NewServer
from ansible_collections.inouter.haproxy.mcp_server.tools.orders import Order, Question

HELD: dict[str, dict[str, Any]] = {
    "a.test": {"pool": "pool_1", "servers": [{"slot": 1, "ip": "10.0.0.1", "http_port": 80}]},
    "www.a.test": {"pool": "pool_1", "servers": []},
    "b.test": {"pool": "pool_2", "servers": []},
}
add, add_server = domains.haproxy_add_domain, servers.haproxy_add_server
load, issue = certificates.haproxy_load_cert, certificates.haproxy_issue_cert


def told(order: Order, only_adds: bool = True) -> str:
    """Why this order is refused on a host with two pools and a certificate, or nothing."""

    async def ask(_host: Host, question: Question) -> dict[str, Any]:
        name = question.arguments["name"]
        if question.read == "certificate":
            return {"certificates": [{"name": "a.test"}] if name.endswith("a.test") else []}
        if name not in HELD:
            raise ReadFailed("UnknownDomain", f"{name} is not a domain of this instance")
        return HELD[name]

    options = SimpleNamespace(disable_destructive=only_adds)
    call: Any = SimpleNamespace(ask=ask, site=SimpleNamespace(options=options))
    return asyncio.run(replaced(call, Host("lb1", {}), order))


def test_a_domain_that_is_served_gets_no_other_ones_servers() -> None:
    for only_adds in (True, False):
        words = told(add("b.test", share_with="a.test"), only_adds)
        assert words.startswith("b.test is served already, from pool_2")


@pytest.mark.parametrize(
    "order",
    [
        add("b.test", "10.0.0.2"),
        add("new.test", share_with="a.test"),
        add("a.test", share_with="new.test"),
        add("www.a.test", share_with="a.test"),
        add("a.test", "10.0.0.1"),
        add("a.test"),
        add_server("a.test", "10.0.0.2"),
        add_server("a.test", "10.0.0.1", 1),
        add_server("a.test", "10.0.0.2", 2),
        add_server("new.test", "10.0.0.2", 1),
        load("PEM", name="b.test"),
        load("PEM", name="www.a.test"),
        issue(["a.test"]),
    ],
)
def test_what_only_adds(order: Order) -> None:
    assert told(order) == ""


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (add("a.test", "10.0.0.2"), "slot 1 of a.test holds 10.0.0.1:80"),
        (add("a.test", "10.0.0.1", 81), "slot 1 of a.test holds 10.0.0.1:80"),
        (add_server("a.test", "10.0.0.2", 1), "slot 1 of a.test holds 10.0.0.1:80"),
        (
            servers.haproxy_add_servers("a.test", [NewServer(ip="10.0.0.2", slot=1)]),
            "slot 1 of a.test holds 10.0.0.1:80",
        ),
        (load("PEM", name="a.test"), "There is a certificate a.test"),
        (load("PEM"), "name: say which name"),
    ],
)
def test_what_would_replace_something(order: Order, words: str) -> None:
    assert told(order).startswith(words)
    assert told(order, only_adds=False) == ""
