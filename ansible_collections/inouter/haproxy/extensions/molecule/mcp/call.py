# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls a tool with the SDK's client:  call.py ADDRESS URL CA TOKEN MODE TOOL [NAME=JSON ...]

ADDRESS is where the URL's domain is, which no DNS knows. MODE is auto, or legacy for a client that
has a session, in which it lists the tools a few times first.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

CALLS_IN_A_SESSION = 6


def resolve_to(address: str) -> None:
    """Let every name be this address."""
    ask = socket.getaddrinfo
    socket.getaddrinfo = lambda _host, *rest, **named: ask(address, *rest, **named)


async def call(
    url: str, ca: str, token: str, mode: str, tool: str, arguments: dict[str, Any]
) -> Any:
    """Return what the tool returns."""
    headers = {"Authorization": f"Bearer {token}"}
    trusted = ssl.create_default_context(cafile=ca)
    async with (
        httpx2.AsyncClient(headers=headers, verify=trusted, timeout=60) as connection,
        Client(streamable_http_client(url, http_client=connection), mode=mode) as client,
    ):
        for _time in range(CALLS_IN_A_SESSION if mode == "legacy" else 0):
            await client.list_tools()
        result = await client.call_tool(tool, arguments)
        said = [getattr(part, "text", "") for part in result.content]
        return {"failed": result.is_error, "said": said, "result": result.structured_content}


def main(address: str, url: str, ca: str, token: str, mode: str, tool: str, *words: str) -> None:
    """Print it as JSON."""
    resolve_to(address)
    arguments = {name: json.loads(value) for name, value in (word.split("=", 1) for word in words)}
    print(json.dumps(asyncio.run(call(url, ca, token, mode, tool, arguments))))


if __name__ == "__main__":
    main(*sys.argv[1:])
