# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which domain reaches which servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("example.com", "exact"),
        ("EXAMPLE.com", "exact"),
        ("example.com:8443", "exact"),
        ("example.com.", "exact"),
        ("www.example.com", "www"),
        ("other.example.com", "wildcard"),
        ("OTHER.example.com:80", "wildcard"),
        ("badexample.com", None),
        ("example.com.evil.net", None),
        ("a.b.example.com", None),
        ("xn--bcher-kva.example", "idn"),
        ("unknown.test", None),
    ],
)
def test_host(routed: Managed, host: str, answer: str | None) -> None:
    """Exact beats wildcard, a wildcard is one label, and look-alikes miss."""
    found = routed.get(host)
    assert (found.status, found.body.strip() if answer else None) == (
        200 if answer else 404,
        answer,
    )


@pytest.fixture
def routed(managed: Managed, named_origins: Start) -> Managed:
    """Give a HAProxy with an exact, a wildcard and an international domain."""
    exact, wildcard, www, idn = named_origins("exact", "wildcard", "www", "idn")
    managed.module("haproxy_domain", domain="example.com", **exact)
    managed.module("haproxy_domain", domain="*.example.com", **wildcard)
    managed.module("haproxy_domain", domain="WWW.Example.Com.", **www)
    managed.module("haproxy_domain", domain="bücher.example", **idn)
    return managed


def test_shared_pool(managed: Managed, named_origins: Start) -> None:
    """Removing a sharer keeps the servers; removing the last domain clears them."""
    (server,) = named_origins("shared")
    owner = managed.module("haproxy_domain", domain="example.com", **server)
    sharer = managed.module("haproxy_domain", domain="www.test", share_with="example.com")
    assert sharer["pool"] == owner["pool"]
    assert managed.get("www.test").body == "shared\n"
    managed.module("haproxy_domain", domain="www.test", state="absent")
    assert (managed.get("www.test").status, managed.get("example.com").status) == (404, 200)
    managed.module("haproxy_domain", domain="example.com", state="absent")
    assert managed.get("example.com").status == 404
    assert server["ip"] not in managed.ask(f"show servers state {owner['pool']}")


def test_owner_hands_over(managed: Managed, named_origins: Start) -> None:
    """When the owner of a pool goes, a sharer becomes the owner and nothing else changes."""
    (server,) = named_origins("shared")
    managed.module("haproxy_domain", domain="example.com", **server)
    for name in ("a.test", "b.test"):
        managed.module("haproxy_domain", domain=name, share_with="example.com")
    managed.module("haproxy_domain", domain="example.com", state="absent")
    assert managed.get("a.test").body == managed.get("b.test").body == "shared\n"
    rows = managed.module("haproxy_domain_info")["domains"]
    assert [row["share_with"] for row in rows] == [None, "a.test"]


def test_forced_pool_and_move(managed: Managed, named_origins: Start) -> None:
    """`pool` chooses a free pool, and moves a domain with its servers and sharers."""
    (server,) = named_origins("moved")
    first = managed.module("haproxy_domain", domain="example.com", pool="pool_7", **server)
    assert first["pool"] == "pool_7"
    managed.module("haproxy_domain", domain="www.test", share_with="example.com")
    moved = managed.module("haproxy_domain", domain="example.com", pool="pool_9")
    assert moved["pool"] == "pool_9"
    assert managed.runtime_map() == {"example.com": "pool_9", "www.test": "pool_9"}
    assert managed.get("www.test").body == "moved\n"
    assert server["ip"] not in managed.ask("show servers state pool_7")
    message = managed.fails("haproxy_domain", domain="new.test", pool="pool_9", **server)
    assert "pool_9 already serves example.com" in message


def test_sharer_becomes_independent(managed: Managed, named_origins: Start) -> None:
    """A sharer that is given servers of its own gets a pool of its own, and back."""
    one, two = named_origins("one", "two")
    managed.module("haproxy_domain", domain="example.com", **one)
    managed.module("haproxy_domain", domain="www.test", share_with="example.com")
    own = managed.module("haproxy_domain", domain="www.test", **two)
    assert own["share_with"] is None
    assert managed.get("www.test").body == "two\n"
    managed.module("haproxy_domain", domain="www.test", share_with="example.com")
    assert managed.get("www.test").body == "one\n"
    assert two["ip"] not in managed.ask(f"show servers state {own['pool']}")


@pytest.mark.haproxy("2.8", "3.0", "3.2")
def test_all_pools_used(haproxy_binary: Any, tmp_path: Any) -> None:
    """The error names the count and the two ways out; a forgotten pool is not reused at once."""
    small = Managed(haproxy_binary, tmp_path / "haproxy", pools=2)
    small.start()
    pools = [
        small.module("haproxy_domain", domain=f"{n}.test", ip="10.0.0.1")["pool"] for n in "ab"
    ]
    message = small.fails("haproxy_domain", domain="c.test", ip="10.0.0.1")
    assert "All 2 pools are in use" in message and "share_with" in message
    assert "haproxy_pool_count" in message
    for name in "ba":
        small.module("haproxy_domain", domain=f"{name}.test", state="absent")
    again = small.module("haproxy_domain", domain="c.test", ip="10.0.0.1")["pool"]
    small.process.stop()
    assert (pools, again) == (["pool_1", "pool_2"], "pool_2")
