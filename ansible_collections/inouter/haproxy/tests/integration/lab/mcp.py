# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real MCP server as a process of its own, and the SDK's client for it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import yaml
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from ansible_collections.inouter.haproxy.mcp_server.security import tokens

from . import children
from .http import Address
from .managed import ROOT, Managed
from .ports import free_ports, loopback
from .sshd import Sshd

MODULE = "ansible_collections.inouter.haproxy.mcp_server"
Variables = Mapping[str, Any]
Answer = dict[str, Any]


class Reply(NamedTuple):
    """An answer of plain HTTP."""

    status: int
    headers: dict[str, str]
    body: str


class ToolFailed(AssertionError):
    """A tool answered with an error; its words are the text."""


def host_variables(managed: Managed, sshd: Sshd | None, python: str) -> dict[str, Any]:
    """What an inventory says of a managed HAProxy: over SSH, or where there is none locally."""
    local = {"ansible_connection": "local"}
    way = local if sshd is None else sshd.inventory_vars()
    base = {"haproxy_base_dir": str(managed.base_dir), "ansible_python_interpreter": python}
    return {**way, **base}


def write_inventory(folder: Path, hosts: Mapping[str, Variables]) -> Path:
    """Write an inventory of these hosts, all of them in the group `haproxy`."""
    path = folder / "inventory.yml"
    names: dict[str, Any] = dict.fromkeys(hosts, {})
    children_of_all = {"haproxy": {"hosts": names}}
    text = yaml.safe_dump({"all": {"hosts": dict(hosts), "children": children_of_all}})
    path.write_text(text)
    return path


class McpServer:
    """One server over HTTP, with a token that may read and one that may write too."""

    module = MODULE

    def __init__(self, folder: Path, *arguments: str | Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.address: Address = (loopback(), free_ports(1)[0])
        self.reader, self.writer = tokens.new(), tokens.new()
        self._arguments = [str(word) for word in arguments]
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        lines = [
            tokens.line_of("reader", self.reader, ["read"]),
            tokens.line_of("writer", self.writer, ["read", "write"]),
        ]
        self.tokens_file = folder / "tokens"
        self.tokens_file.write_text("\n".join(lines))

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://{self.address[0]}:{self.address[1]}/mcp"

    @property
    def pid(self) -> int:
        """The server's own process."""
        assert self._child is not None
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        host, port = self.address
        listen = ["--host", host, "--port", str(port), "--allowed-hosts", host]
        listen += ["--tokens-file", str(self.tokens_file)]
        with (self.folder / "mcp.log").open("ab") as log:
            self._child = children.spawn(
                [sys.executable, "-m", self.module, "http", *listen, *self._arguments],
                log,
                cwd=ROOT,
                env=environment(**self._environment),
            )
        children.wait_until(self.healthy, 60, "the MCP server answers")

    def healthy(self) -> bool:
        """Whether it answers."""
        if self._child is None or self._child.poll() is not None:
            raise RuntimeError(f"the MCP server ended:\n{self.log}")
        try:
            return self.request("GET", "/healthz").status == 200
        except OSError:
            return False

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Send one plain HTTP request."""
        with contextlib.closing(http.client.HTTPConnection(*self.address, timeout=60)) as made:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            made.request(method, path, body, given)
            answer = made.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())

    @property
    def log(self) -> str:
        """All that it wrote."""
        return (self.folder / "mcp.log").read_text(errors="replace")

    def family(self) -> list[int]:
        """Its living processes."""
        return [] if self._child is None else children.family(self._child)

    def stop(self) -> None:
        """End it with everything that it started."""
        if self._child is not None:
            children.stop(self._child, timeout=20)

    @contextlib.asynccontextmanager
    async def client(
        self, token: str | None = None, mode: str = "auto", **options: Any
    ) -> AsyncIterator[Client]:
        """A client of the SDK that may write, or what the token says."""
        headers = {"Authorization": f"Bearer {self.writer if token is None else token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=300) as connection,
            Client(
                streamable_http_client(self.url, http_client=connection),
                mode=mode,
                **options,
            ) as client,
        ):
            yield client

    def call(self, tool: str, /, **arguments: Any) -> Answer:
        """Call one tool over a connection of its own; raise ToolFailed."""

        return answer_of(self.with_client(lambda client: client.call_tool(tool, arguments)))

    def with_client[T](self, use: Callable[[Client], Awaitable[T]], **options: Any) -> T:
        """Use one client, and return what the function returns."""

        async def run() -> T:
            async with self.client(**options) as client:
                return await use(client)

        return asyncio.run(run())


def answer_of(result: Any) -> Answer:
    """A tool's structured answer; raise ToolFailed with its words."""
    if result.is_error:
        raise ToolFailed(text_of(result))
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def text_of(result: Any) -> str:
    """The text of a result."""
    return "\n".join(block.text for block in result.content)


def environment(**more: str) -> dict[str, str]:
    """The least that the server needs, and what a test adds."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    found = {**kept, "ANSIBLE_COLLECTIONS_PATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return {**found, **more}


def stdio_command(*arguments: str | Path) -> Sequence[str]:
    """How a client starts the server on stdio."""
    return [sys.executable, "-m", MODULE, "stdio", *map(str, arguments)]
