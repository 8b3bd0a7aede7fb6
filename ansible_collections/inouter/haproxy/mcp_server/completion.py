# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion of the names of domains and servers."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp_types import Completion

from .problems import ConfigurationProblem, HostProblem
from .site import Site

MOST = 100
KINDS = {"domain": "domain", "server": "server", "name": "certificate"}


def add(mcp: MCPServer[None], site: Site) -> None:
    """Offer completion for the arguments of prompts and of resource templates."""

    @mcp.completion()
    async def complete(_ref: Any, argument: Any, _context: Any) -> Completion:
        kind = KINDS.get(argument.name)
        return await _names(site, kind, argument.value) if kind else Completion(values=[])


async def _names(site: Site, kind: str, prefix: str) -> Completion:
    """The names of all hosts of the default target; none where they cannot be had."""
    values: set[str] = set()
    more = False
    try:
        for host in await site.inventory.hosts():
            wanted = {"kind": kind, "prefix": prefix, "limit": MOST}
            found = await site.reads.ask(host, "completions", wanted)
            values |= set(found["values"])
            more = more or found["more"]
    except (HostProblem, ConfigurationProblem):
        return Completion(values=[])
    return Completion(values=sorted(values)[:MOST], has_more=more or len(values) > MOST)
