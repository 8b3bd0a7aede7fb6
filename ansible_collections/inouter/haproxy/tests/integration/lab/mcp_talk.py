# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK's client over each transport and in each era of the protocol."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from .managed import ROOT
from .mcp import environment, stdio_command
from .mcp_site import McpSite

HTTP, STDIO = "http", "stdio"
LEGACY, MODERN = "legacy", "2026-07-28"
WAYS = [(way, mode) for way in (HTTP, STDIO) for mode in (LEGACY, MODERN)]
Use = Callable[[Client], Awaitable[Any]]


class Talk(NamedTuple):
    """One transport and one era."""

    site: McpSite
    way: str
    mode: str

    def __call__(self, use: Use, **options: Any) -> Any:
        """Connect, use the client, and return what that returns."""

        async def once() -> Any:
            async with self._client(**options) as client:
                return await use(client)

        return asyncio.run(once())

    def _client(self, **options: Any) -> contextlib.AbstractAsyncContextManager[Client]:
        if self.way == HTTP:
            return self.site.server.client(mode=self.mode, **options)
        return self._over_stdio(**options)

    @contextlib.asynccontextmanager
    async def _over_stdio(self, **options: Any) -> AsyncIterator[Client]:
        """A client that starts the server itself."""
        program, *words = stdio_command("--inventory", self.site.inventory, "--no-converge")
        started = StdioServerParameters(command=program, args=words, env=environment(), cwd=ROOT)
        async with Client(started, mode=self.mode, **options) as client:
            yield client
