# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of the MCP server over HTTP and real SSH, alone and while writes run."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from mcp import Client

from ansible_collections.inouter.haproxy.tests.integration.lab.managed import Managed
from ansible_collections.inouter.haproxy.tests.integration.lab.mcp import (
    McpServer,
    host_variables,
    write_inventory,
)
from ansible_collections.inouter.haproxy.tests.integration.lab.sshd import Sshd

from .figures import Figure

ROUNDS = 100
WRITES = 8
DOMAINS = 20
READS: dict[str, dict[str, Any]] = {
    "haproxy_list_domains": {},
    "haproxy_list_servers": {"domain": "d1.test"},
    "haproxy_health": {},
    "haproxy_domain_health": {"domain": "d1.test"},
    "haproxy_get_server_health": {},
    "haproxy_stats": {},
    "haproxy_backends": {"limit": 20},
    "haproxy_list_frontends": {},
    "haproxy_get_connections": {},
    "haproxy_list_certs": {},
    "haproxy_cert_info": {"name": "d1.test"},
}
PROMPT = {"domain": "d1.test"}
OTHER = "a call that asks no host"
Times = dict[str, list[float]]


async def timed(call: Callable[[], Awaitable[Any]]) -> float:
    """How many milliseconds a call takes; it must succeed."""
    began = time.perf_counter()
    result = await call()
    assert not getattr(result, "is_error", False), result
    return (time.perf_counter() - began) * 1000


async def in_turns(client: Client) -> Times:
    """Every read, and a call that asks no host, again and again in turns."""
    taken: Times = {name: [] for name in (OTHER, *READS)}
    for turn in range(ROUNDS + 2):
        for name, arguments in READS.items():
            took = await timed(lambda n=name, a=arguments: client.call_tool(n, a))  # type: ignore[misc]
            taken[name] += [took] if turn > 1 else []
        taken[OTHER].append(await timed(lambda: client.get_prompt("investigate_5xx", PROMPT)))
    return taken


async def while_writing(client: Client) -> list[float]:
    """Reads of one host, one after the other, while writes to it run and wait."""
    wishes = [{"domain": f"w{n}.test", "ip": f"127.0.1.{n + 1}"} for n in range(WRITES)]
    writes = [asyncio.create_task(client.call_tool("haproxy_add_domain", w)) for w in wishes]
    taken: list[float] = []
    while not all(write.done() for write in writes):
        for name in ("haproxy_list_domains", "haproxy_health"):
            taken.append(await timed(lambda n=name: client.call_tool(n, {})))  # type: ignore[misc]
    assert not any(write.result().is_error for write in writes)
    return taken


async def measure(server: McpServer) -> tuple[Times, list[float]]:
    """Both, over one connection."""
    async with server.client() as client:
        await client.call_tool("haproxy_add_domain", {"domain": "warm.test", "ip": "127.0.0.1"})
        return await in_turns(client), await while_writing(client)


def reads(binary: Path, folder: Path) -> Iterator[Figure]:
    """The middle and the slow end of all reads, and the slowest one beside writes."""
    for name in ("mcp", "mcp-sshd"):
        (folder / name).mkdir()
    managed = Managed(binary, folder / "mcp/lb1", pools=100)
    servers = [{"domain": f"d{n}.test", "ip": f"127.0.0.{n + 1}"} for n in range(DOMAINS)]
    for server in servers:
        managed.module("haproxy_domain", **server)
    managed.start()
    sshd = Sshd(folder / "mcp-sshd")
    sshd.start()
    variables = host_variables(managed, sshd, "/usr/bin/python3")
    inventory = write_inventory(folder / "mcp", {"lb1": variables})
    made = McpServer(folder / "mcp/server", "--inventory", inventory, "--rate-limit", "1000000")
    try:
        made.start()
        taken, beside = asyncio.run(measure(made))
    finally:
        made.stop()
        sshd.stop()
        managed.process.stop()
    yield from _figures(taken, beside)


def _figures(taken: Times, beside: list[float]) -> Iterator[Figure]:
    other = statistics.median(taken.pop(OTHER))
    every = [took for times in taken.values() for took in times]
    yield Figure(f"MCP: {OTHER}", other, "ms")
    for name, times in taken.items():
        middle = statistics.median(times)
        yield Figure(f"MCP: {name} over SSH", middle, "ms", OTHER, middle / other)
    yield Figure("MCP: all reads, p50 (wanted: 10 or less)", statistics.median(every), "ms")
    slow = statistics.quantiles(every, n=100)[98]
    yield Figure("MCP: all reads, p99 (wanted: 40 or less)", slow, "ms")
    what = f"MCP: slowest of {len(beside)} reads while {WRITES} writes run (wanted: below 100)"
    yield Figure(what, max(beside), "ms")
