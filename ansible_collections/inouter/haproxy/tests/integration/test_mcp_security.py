# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call what: tokens, scopes, hosts, sizes, rates, switches; and what is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.mcp_server.security import tokens

from .lab.mcp import McpServer, Reply, ToolFailed
from .lab.mcp_site import McpSite
from .lab.pki import Authority

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-security"),
    pytest.mark.timeout(300),
]
VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture
def another(site: McpSite, tmp_path: Path) -> Iterator[Any]:
    """Give the way to start another server for the same host with other arguments."""
    made: list[McpServer] = []

    def start(*arguments: str, **environment: str) -> McpServer:
        server = McpServer(
            tmp_path / "mcp", "--inventory", site.inventory, *arguments, **environment
        )
        made.append(server)
        server.start()
        return server

    yield start
    for server in made:
        server.stop()


def post(server: McpServer, tool: str, arguments: dict[str, Any], **headers: str) -> Reply:
    """Call a tool by plain HTTP, the way curl would."""
    params = {"name": tool, "arguments": arguments, "_meta": META}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    given = {
        "Content_Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP_Protocol_Version": VERSION,
        "Mcp_Method": "tools/call",
        "Mcp_Name": tool,
        **headers,
    }
    return server.request("POST", "/mcp", json.dumps(body).encode(), **given)


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


ADD = {"domain": "s.test", "ip": "127.0.0.1"}


def test_no_token(site: McpSite) -> None:
    """401 with a challenge for no token, a wrong one, and half of a right one; and no row."""
    before = site.calls()
    for headers in (
        {},
        bearer("wrong"),
        bearer(site.server.writer[:-1]),
        {"Authorization": "Basic x"},
    ):
        reply = post(site.server, "haproxy_list_domains", {}, **headers)
        assert reply.status == 401 and "invalid_token" in reply.headers["www-authenticate"]
        assert "Bearer TOKEN" in json.loads(reply.body)["error_description"]
    assert site.server.request("GET", "/metrics").status == 401
    assert site.calls() == before


def test_scopes(site: McpSite) -> None:
    """A token that may read gets 403 on each tool that writes, and each try is written down."""
    reader = bearer(site.server.reader)
    assert post(site.server, "haproxy_list_domains", {}, **reader).status == 200
    before = len(site.calls())
    writing = ("haproxy_add_domain", "haproxy_reload", "haproxy_load_cert")
    for tool in writing:
        arguments = {**ADD, "content": "SECRETSECRET"}
        reply = post(site.server, tool, arguments, **reader)
        assert reply.status == 403 and 'scope="read write"' in reply.headers["www-authenticate"]
    rows = site.calls()[before:]
    assert [(row.tool, row.outcome) for row in rows] == [(tool, "refused") for tool in writing]
    assert all(row.caller.startswith("token reader from 127.") for row in rows)
    assert all("SECRET" not in row.arguments and "s.test" in row.arguments for row in rows)
    assert post(site.server, "haproxy_add_domain", ADD, **bearer(site.server.writer)).status == 200
    (row,) = site.calls()[before + len(writing) :]
    assert (row.tool, row.outcome) == ("haproxy_add_domain", "done")
    assert row.caller.startswith("token writer from ") and "generation" in row.message
    # The header says a tool that reads, the body one that writes.
    reply = post(site.server, "haproxy_add_domain", ADD, **reader, Mcp_Name="haproxy_list_domains")
    assert reply.status == 403


def test_host_and_origin(site: McpSite) -> None:
    """421 for a foreign Host, 403 for a foreign Origin, on every path, before any token."""
    writer = bearer(site.server.writer)
    assert post(site.server, "haproxy_list_domains", {}, **writer, Host="evil.test").status == 421
    origin = {"Origin": "https://evil.test"}
    assert post(site.server, "haproxy_list_domains", {}, **writer, **origin).status == 403
    for path in ("/healthz", "/metrics"):
        assert site.server.request("GET", path, Host="evil.test").status == 421
    own = {"Origin": "http://localhost:3000"}
    assert post(site.server, "haproxy_list_domains", {}, **writer, **own).status == 200


def test_large_body(site: McpSite) -> None:
    """413 for more than a megabyte, whether its length is told or not."""
    writer = bearer(site.server.writer)
    big = {"domain": "x" * 1024 * 1024}
    assert post(site.server, "haproxy_add_domain", big, **writer).status == 413
    assert post(site.server, "haproxy_add_domain", big, **bearer("wrong")).status == 401


def test_rate(another: Any) -> None:
    """429 with the time to wait, for each caller on its own."""
    server = another("--rate-limit", "3", "--read-only")
    statuses = [post(server, "haproxy_health", {}, **bearer(server.reader)) for _n in range(4)]
    assert [reply.status for reply in statuses] == [200, 200, 200, 429]
    assert 0 < int(statuses[-1].headers["retry-after"]) <= 20
    assert post(server, "haproxy_health", {}, **bearer(server.writer)).status == 200


def test_switches(another: Any) -> None:
    """Toolsets, --read-only and --disable-destructive decide which tools there are."""
    server = another("--toolsets", "domains,servers", "--disable-destructive")
    names = tool_names(server)
    assert names == [
        "haproxy_list_domains",
        "haproxy_add_domain",
        "haproxy_list_servers",
        "haproxy_add_server",
        "haproxy_add_servers",
        "haproxy_wait_drain",
    ]
    reply = post(server, "haproxy_remove_domain", ADD, **bearer(server.writer))
    assert "Unknown tool" in reply.body and "switched off" in reply.body and "-32602" in reply.body


def test_read_only(another: Any, site: McpSite) -> None:
    """--read-only wins over a token that may write; nothing that writes is even started."""
    server = another("--read-only")
    assert len(tool_names(server)) == 16
    before = site.managed.truth()
    reply = post(server, "haproxy_add_domain", ADD, **bearer(server.writer))
    assert "Unknown tool" in reply.body and site.managed.truth() == before
    assert "converged" not in server.log


def tool_names(server: McpServer) -> list[str]:
    """The tools that it offers."""
    return [tool.name for tool in server.with_client(lambda c: c.list_tools()).tools]


def test_trusted_network(another: Any, site: McpSite) -> None:
    """Without a token only from a network that is configured; a wrong token stays wrong."""
    server = another("--trusted-networks", "127.0.0.0/8", "--no-converge")
    assert post(server, "haproxy_add_domain", ADD).status == 200
    assert site.calls()[-1].caller.startswith("trusted 127.")
    assert post(server, "haproxy_add_domain", ADD, **bearer("wrong")).status == 401


def test_no_header_says_who_calls(another: Any) -> None:
    """Whoever writes an address of a trusted network into a header is not from there."""
    server = another("--trusted-networks", "100.64.0.0/10", "--read-only")
    forged = {"X_Forwarded_For": "100.64.0.9", "Forwarded": "for=100.64.0.9"}
    assert post(server, "haproxy_health", {}, **forged).status == 401


def test_only_additions(another: Any, site: McpSite, authority: Authority) -> None:
    """With --disable-destructive nothing is put in the place of a server or a certificate."""
    server = another("--disable-destructive", "--no-converge")
    one, two = site.origin("one"), site.origin("two")
    server.call("haproxy_add_domain", domain="kept.test", **one)
    pem = {"name": "kept.test", "content": authority.issue("kept.test").combined}
    server.call("haproxy_load_cert", **pem)
    before = site.managed.snapshot()[1:], site.served("kept.test")
    for tool, arguments, words in (
        ("haproxy_add_domain", {"domain": "kept.test", **two}, "slot 1 of kept.test holds 127"),
        ("haproxy_add_server", {"domain": "kept.test", "slot": 1, **two}, "slot 1 of kept.test"),
        ("haproxy_load_cert", pem, "There is a certificate kept.test"),
        ("haproxy_load_cert", {"content": pem["content"]}, "name: say which name"),
    ):
        with pytest.raises(ToolFailed, match=f"{words}.*only adds"):
            server.call(tool, **arguments)
    assert (site.managed.snapshot()[1:], site.served("kept.test")) == before
    assert not server.call("haproxy_add_domain", domain="kept.test", **one)["changed"]
    assert server.call("haproxy_add_server", domain="kept.test", **two)["changed"]


def test_rotation(another: Any) -> None:
    """A token that is added works at once, one that is taken out ends at once: no restart."""
    server = another("--read-only")
    new = tokens.new()
    old = server.tokens_file.read_text()
    server.tokens_file.write_text(f"{old}\n{tokens.line_of('new', new, ['read'])}\n")
    assert post(server, "haproxy_health", {}, **bearer(new)).status == 200
    assert post(server, "haproxy_health", {}, **bearer(server.reader)).status == 200
    server.tokens_file.write_text(tokens.line_of("new", new, ["read"]))
    assert post(server, "haproxy_health", {}, **bearer(server.reader)).status == 401


def test_metrics_and_health(site: McpSite) -> None:
    """What Prometheus gets, with a token; and a health check that needs none."""
    site.ok("haproxy_health")
    text = site.server.request("GET", "/metrics", b"", **bearer(site.server.reader)).body
    assert 'haproxy_mcp_tool_calls_total{outcome="ok",tool="haproxy_health"}' in text
    assert 'haproxy_mcp_http_refused_total{status="401"}' in text
    assert 'haproxy_mcp_responder_starts{host="lb1"} 1.0' in text
    assert site.server.request("GET", "/healthz").body == '{"status":"ok"}'


def test_arguments_that_are_refused_are_written_down(site: McpSite) -> None:
    """A write with bad arguments leaves a row, without what may be secret."""
    bad = {"content": "-----BEGIN PRIVATE KEY-----", "kontent": "-----BEGIN PRIVATE KEY-----"}
    reply = post(site.server, "haproxy_load_cert", bad, **bearer(site.server.writer))
    assert "kontent: there is no such argument" in reply.body
    row = site.calls()[-1]
    assert (row.tool, row.outcome) == ("haproxy_load_cert", "refused")
    assert "PRIVATE KEY" not in row.arguments + row.message and "kontent" in row.arguments


def test_tokens_are_not_kept(site: McpSite) -> None:
    """Neither token is in the log, in the environment, or in any process's words."""
    for pid in site.server.family():
        words = (
            Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        )
        assert site.server.writer.encode() not in words
    assert site.server.writer not in site.server.log + site.server.tokens_file.read_text()
