# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's variables make of haproxy.cfg, asked of real HAProxy processes."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .lab import ports
from .lab.children import wait_until
from .lab.echo import echoing
from .lab.http import Address
from .lab.managed import Managed

TOKEN = "a-token-of-more-than-thirty-two-letters"
LOOPBACK = "127.0.0.0/8"
Reply = tuple[int, dict[str, str], str]
Configured = Callable[..., Managed]


@pytest.fixture
def configured(haproxy_binary: Path, tmp_path: Path, origin: Address) -> Iterator[Configured]:
    """Start a HAProxy with these variables of the role, which serves example.com."""
    started: list[Managed] = []

    def start(**variables: Any) -> Managed:
        conf = tmp_path / "lb/conf"
        conf.mkdir(parents=True)
        (conf / "mcp-tokens").write_text(hashlib.sha256(TOKEN.encode()).hexdigest().upper() + "\n")
        (conf / "unknown.html").write_text("<p>Nobody lives here.</p>\n")
        managed = Managed(haproxy_binary, tmp_path / "lb", pools=6, slots=2, **variables)
        started.append(managed)
        managed.start()
        managed.module("haproxy_domain", domain="example.com", ip=origin[0], http_port=origin[1])
        return managed

    yield start
    for managed in started:
        managed.process.stop()


@pytest.fixture
def origin() -> Iterator[Address]:
    """Start a web server that answers with the headers that it got."""
    with echoing() as address:
        yield address


def ask(
    managed: Managed,
    path: str = "/",
    host: str = "example.com",
    before: bytes = b"",
    **headers: str,
) -> Reply:
    """Ask once, with something before the request, and return status, headers and body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(host)) as connection:
        connection.sock = socket.create_connection(managed.http, 5)
        connection.sock.sendall(before)
        connection.request("GET", path, headers={"Host": host, **named})
        answer = connection.getresponse()
        body = answer.read().decode()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


def received(managed: Managed, **headers: Any) -> dict[str, str]:
    """Return the headers that arrive at the server."""
    status, _headers, body = ask(managed, **headers)
    assert status == 200, body
    got: dict[str, str] = json.loads(body)
    return got


def test_what_clients_say_of_themselves_is_removed(configured: Configured) -> None:
    got = received(configured(), x_forwarded_for="192.0.2.9", x_forwarded_proto="https")
    assert got["x-forwarded-for"].startswith("127.")
    assert got["x-forwarded-proto"] == "http"


def test_what_a_trusted_proxy_says_is_kept(configured: Configured) -> None:
    managed = configured(haproxy_forwarded_from=[LOOPBACK])
    got = received(managed, x_forwarded_for="198.51.100.1, 192.0.2.9", x_forwarded_proto="https")
    assert (got["x-forwarded-for"], got["x-forwarded-proto"]) == (
        "198.51.100.1, 192.0.2.9",
        "https",
    )
    assert received(managed)["x-forwarded-for"].startswith("127.")


def test_the_address_behind_a_trusted_proxy_counts(configured: Configured) -> None:
    managed = configured(
        haproxy_forwarded_from=[LOOPBACK],
        haproxy_frontend_lines=["http-request deny if { src 192.0.2.9 }"],
    )
    assert ask(managed)[0] == 200
    assert ask(managed, x_forwarded_for="198.51.100.1, 192.0.2.9")[0] == 403


def test_proxy_protocol(configured: Configured) -> None:
    managed = configured(haproxy_proxy_protocol_from=[LOOPBACK])
    line = b"PROXY TCP4 192.0.2.9 192.0.2.1 4711 80\r\n"
    status, _headers, body = ask(managed, before=line)
    assert (status, json.loads(body)["x-forwarded-for"]) == (200, "192.0.2.9")
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(managed)


def test_unknown_domains_get_the_page(configured: Configured) -> None:
    managed = configured(haproxy_unknown_page="as a file", haproxy_unknown_status=421)
    status, headers, body = ask(managed, host="unknown.test")
    assert (status, body) == (421, "<p>Nobody lives here.</p>\n")
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_statistics_have_an_address_of_their_own(configured: Configured) -> None:
    port = ports.free_ports(1)[0]
    managed = configured(haproxy_stats_bind=f"{ports.loopback()}:{port}")
    assert ask(managed, "/metrics", host="unknown.test")[0] == 404
    managed.http = (ports.loopback(), port)
    assert "Statistics Report" in ask(managed)[2]
    assert 'haproxy_server_status{proxy="pool_1"' in ask(managed, "/metrics")[2]
    assert ask(managed, "/healthz")[0] == 200


def test_health_is_told_while_no_more_clients_are_taken(configured: Configured) -> None:
    port = ports.free_ports(1)[0]
    managed = configured(haproxy_stats_bind=f"{ports.loopback()}:{port}", haproxy_maxconn=20)
    clients = [socket.create_connection(managed.http, 5) for _client in range(30)]
    try:
        wait_until(lambda: _taken(managed) == 20, 10, "no more clients are taken")
        managed.http = (ports.loopback(), port)
        assert ask(managed, "/healthz")[0] == 200
    finally:
        for client in clients:
            client.close()


def _taken(managed: Managed) -> int:
    rows = managed.stat()
    return next(int(r["scur"]) for r in rows if (r["pxname"], r["svname"]) == ("http", "FRONTEND"))


@pytest.mark.parametrize(
    "trusted", [[], [LOOPBACK], ["100.64.0.0/10"]], ids=["none", "us", "others"]
)
def test_the_mcp_server_needs_a_token(
    configured: Configured, origin: Address, trusted: list[str]
) -> None:
    managed = configured(
        haproxy_mcp_domain="mcp.example.com",
        haproxy_mcp_servers=["{}:{}".format(*origin)],
        haproxy_mcp_trusted=trusted,
    )
    status, headers, _body = ask(managed, host="mcp.example.com")
    assert status == (200 if trusted == [LOOPBACK] else 401)
    if status == 401:
        assert headers["www-authenticate"].startswith("Bearer")
        wrong = ask(managed, host="mcp.example.com", authorization="Bearer wrong")
        assert wrong[0] == 401
    good = ask(managed, host="mcp.example.com", authorization=f"Bearer {TOKEN}")
    assert good[0] == 200
    assert json.loads(good[2])["authorization"] == f"Bearer {TOKEN}"
    assert ask(managed)[0] == 200


def test_profiles(configured: Configured, origin: Address) -> None:
    """A pool with a profile works as that says, and new domains do not land in it."""
    profiles = [
        {"name": "sticky", "first": 2, "last": 3, "sticky": True, "balance": "leastconn"},
        {"name": "checked", "first": 4, "last": 4, "check_path": "/healthy", "maxconn": 9},
        {"name": "tls", "first": 5, "last": 5, "tls": True, "tls_verify": False, "h2": True},
    ]
    managed = configured(haproxy_pool_profiles=profiles)
    ranges = [{name: p[name] for name in ("name", "first", "last")} for p in profiles]
    assert managed.module("haproxy_instance", pool_profiles=ranges)["changed"]
    assert not managed.module("haproxy_instance", pool_profiles=ranges)["changed"]
    managed.module("haproxy_config", state="reloaded")
    server = {"ip": origin[0], "http_port": origin[1]}
    managed.module("haproxy_domain", domain="sticky.test", pool="pool_2", **server)
    assert managed.module("haproxy_domain", domain="next.test", **server)["pool"] == "pool_6"
    assert ask(managed, host="sticky.test")[1]["set-cookie"].startswith("HAPROXY=")
    assert "set-cookie" not in ask(managed)[1]
    assert "option httpchk" in (managed.base_dir / "conf/haproxy.cfg").read_text()
