# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official clients that are not Python's, against the running server and a real HAProxy."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.lock import locked

from .lab import clients, mcp
from .lab import node as lab_node
from .lab.clients import TypeScript, inspect
from .lab.managed import Managed
from .lab.node import Node

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-node-clients"),
    pytest.mark.timeout(300),
]
MODERN, LEGACY, OLD = TypeScript(2, "auto"), TypeScript(2, "legacy"), TypeScript(1, "legacy")
VERSIONS = {MODERN: "2026-07-28", LEGACY: "2025-11-25", OLD: "2025-11-25"}
each_client = pytest.mark.parametrize("client", VERSIONS, ids=["modern", "legacy", "old"])
TOOLS = 35


class Site:
    """One HAProxy, the server for it, and how clients reach that."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.managed = Managed(binary, folder / "lb1")
        variables = mcp.host_variables(self.managed, None, sys.executable)
        options = ("--inventory", mcp.write_inventory(folder, {"lb1": variables}), "--no-converge")
        self.server = mcp.McpServer(folder / "mcp", *options)
        self.stdio = {
            "command": list(mcp.stdio_command(*options)),
            "environment": mcp.environment(),
        }

    def start(self) -> None:
        """Start both."""
        self.managed.start()
        self.server.start()
        self.http = {"url": self.server.url, "token": self.server.writer}

    def stop(self) -> None:
        """End both."""
        self.server.stop()
        self.managed.process.stop()

    def routed(self, domain: str) -> bool:
        """Whether HAProxy itself knows the domain."""
        return domain in self.managed.runtime_map()


@pytest.fixture(scope="module")
def node() -> Node:
    """Give Node with the clients."""
    return lab_node.require()


@pytest.fixture(scope="module")
def site(haproxy_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a server with its HAProxy."""
    made = Site(haproxy_binary, tmp_path_factory.mktemp("clients"))
    made.start()
    yield made
    made.stop()


def tool(name: str, /, **arguments: Any) -> clients.Request:
    return "callTool", {"name": name, "arguments": arguments}


def adding(domain: str) -> clients.Request:
    return tool("haproxy_add_domain", domain=domain, ip="127.0.0.1", http_port=80)


@each_client
def test_typescript_adds(node: Node, site: Site, client: TypeScript) -> None:
    """Every tool is offered, one changes HAProxy, and each kind of read shows the change."""
    domain = f"add-{client.release}-{client.mode}.test"
    named: dict[str, Any] = {"ref": {"type": "ref/prompt", "name": "drain_server"}}
    named["argument"] = {"name": "domain", "value": domain[:-1]}
    requests = [
        ("listTools", {}),
        adding(domain),
        tool("haproxy_list_servers", domain=domain),
        ("readResource", {"uri": f"haproxy://domains/{domain}"}),
        ("getPrompt", {"name": "drain_server", "arguments": {"domain": domain, "server": "1"}}),
        ("complete", named),
    ]
    seen = client.ask(node, site.http, requests)
    assert site.routed(domain)
    listed, added, servers, resource, prompt, completion = seen["answers"]
    assert seen["version"] == VERSIONS[client]
    assert len(listed["tools"]) == TOOLS
    (change,) = added["structuredContent"]["hosts"]
    assert change["persisted"] and change["applied"] and change["verified"]
    assert servers["structuredContent"]["hosts"][0]["servers"][0]["ip"] == "127.0.0.1"
    assert domain in resource["contents"][0]["text"]
    assert domain in prompt["messages"][0]["content"]["text"]
    assert completion["completion"]["values"] == [domain]


@each_client
def test_typescript_is_asked(node: Node, site: Site, client: TypeScript) -> None:
    """The user is asked before something goes, and the answer decides."""
    domain = f"ask-{client.release}-{client.mode}.test"
    site.managed.module("haproxy_domain", domain=domain, ip="127.0.0.1")
    removing = tool("haproxy_remove_domain", domain=domain)
    said_no = client.ask(node, site.http, [removing], consent=False)
    assert site.routed(domain)
    (answer,) = said_no["answers"]
    assert answer["isError"] and "said no" in answer["content"][0]["text"]
    said_yes = client.ask(node, site.http, [removing], consent=True)
    assert not site.routed(domain)
    assert said_yes["answers"][0]["structuredContent"]["changed"]
    for seen in (said_no, said_yes):
        (question,) = seen["questions"]
        assert domain in question


@each_client
def test_typescript_is_refused(node: Node, site: Site, client: TypeScript) -> None:
    """A wrong argument is the tool's error; a tool or resource that is not there is the call's."""
    requests = [
        tool("haproxy_health", colour="blue"),
        tool("haproxy_fly"),
        ("readResource", {"uri": "haproxy://domains/nowhere.test"}),
    ]
    wrong, unknown, nowhere = client.ask(node, site.http, requests)["answers"]
    assert wrong["isError"] and "colour" in wrong["content"][0]["text"]
    assert unknown["refused"]["code"] == -32602 and "haproxy_fly" in unknown["refused"]["message"]
    assert nowhere["refused"]["code"] == -32602
    assert "haproxy_list_domains" in nowhere["refused"]["message"]


@pytest.mark.parametrize("client", [MODERN, OLD], ids=["modern", "old"])
def test_typescript_hears_of_progress(node: Node, site: Site, client: TypeScript) -> None:
    """While another writer holds the host's lock, the client is told that its call still waits."""
    domain = f"wait-{client.release}-{client.mode}.test"
    lock = site.managed.base_dir / "run/inouter.lock"
    with ThreadPoolExecutor(1) as pool:
        with locked(str(lock), "haproxy_test", timeout=10):
            asked = pool.submit(client.ask, node, site.http, [adding(domain)])
            time.sleep(6)
            assert not asked.done() and not site.routed(domain)
        seen = asked.result()
    assert site.routed(domain)
    assert seen["progress"] == sorted(set(seen["progress"])) != []


@pytest.mark.parametrize("client", [MODERN, OLD], ids=["modern", "old"])
def test_typescript_over_stdio(node: Node, site: Site, client: TypeScript) -> None:
    """The client starts the server itself; nothing but the protocol is on its standard output."""
    domain = f"stdio-{client.release}.test"
    seen = client.ask(node, site.stdio, [("listTools", {}), adding(domain)])
    assert seen["errors"] == []
    listed, added = seen["answers"]
    assert len(listed["tools"]) == TOOLS
    assert added["structuredContent"]["changed"] and site.routed(domain)


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_inspector_finds_no_fault_in_a_schema(node: Node, site: Site, era: str) -> None:
    """Its strict lint says nothing of any of the tools."""
    found = inspect(node, site.server, "tools/list", "--strict", "--protocol-era", era)
    assert (found.code, found.said) == (0, "")
    assert len(found.result["tools"]) == TOOLS


def test_inspector_calls_tools(node: Node, site: Site) -> None:
    """A write is done, or refused for want of consent."""

    def call(name: str, *arguments: str) -> clients.Inspected:
        given = (word for argument in arguments for word in ("--tool-arg", argument))
        return inspect(node, site.server, "tools/call", "--tool-name", name, *given)

    domain = "domain=inspector.test"
    added = call("haproxy_add_domain", domain, "ip=127.0.0.1")
    assert added.code == 0 and site.routed("inspector.test")
    refused = call("haproxy_remove_domain", domain)
    assert refused.code == clients.TOOL_FAILED and site.routed("inspector.test")
    assert "confirm=true" in refused.result["content"][0]["text"]
    removed = call("haproxy_remove_domain", domain, "confirm=true")
    assert removed.code == 0 and not site.routed("inspector.test")


def test_inspector_needs_a_token(node: Node, site: Site) -> None:
    """A token that the server does not know."""
    assert inspect(node, site.server, "tools/list", token="x" * 43).code == clients.NO_TOKEN
