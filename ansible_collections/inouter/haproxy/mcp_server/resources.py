# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources: what an agent can read as documents, of the default target."""

from __future__ import annotations

import json
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from .problems import ConfigurationProblem, HostProblem, ReadFailed
from .site import Site
from .tools.hints import explained
from .tools.monitoring import BACKEND_FIELDS

JSON = "application/json"
ALL = 1000


def add(mcp: MCPServer[None], site: Site) -> None:
    """Offer the resources."""

    async def read(name: str, arguments: dict[str, Any]) -> str:
        return json.dumps(await _answers(site, name, arguments), indent=1)

    @mcp.resource("haproxy://domains", title="Domains", mime_type=JSON)
    async def domains() -> str:
        """All domains with their pools and servers."""
        return await read("domains", {"limit": ALL})

    @mcp.resource("haproxy://domains/{domain}", title="One domain", mime_type=JSON)
    async def domain(domain: str) -> str:
        """One domain with its servers, their health and what is under way."""
        return await read("domain_health", {"name": domain})

    @mcp.resource("haproxy://backends", title="Backends", mime_type=JSON)
    async def backends() -> str:
        """The statistics of all backends."""
        wanted = {"section": "backends", "fields": list(BACKEND_FIELDS), "limit": ALL}
        return await read("statistics", wanted)

    @mcp.resource("haproxy://config", title="Configuration", mime_type="text/plain")
    async def config() -> str:
        """haproxy.cfg with its passwords and tokens hidden."""
        found = await _answers(site, "config_text", {})
        return "\n".join(f"# {one['host']}: {one['path']}\n{one['text']}\n" for one in found)

    @mcp.resource("haproxy://history", title="History", mime_type=JSON)
    async def history() -> str:
        """The newest changes, and the newest calls of tools: who made them and how they ended."""
        return await read("past", {})


async def _answers(site: Site, read: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """What each host of the default target answers; raises ResourceError."""
    try:
        hosts = await site.inventory.hosts()
        return [
            {"host": host.name, **await site.reads.ask(host, read, arguments)} for host in hosts
        ]
    except ReadFailed as error:
        kind = ResourceNotFoundError if error.kind == "UnknownDomain" else ResourceError
        raise kind(explained(str(error))) from error
    except (HostProblem, ConfigurationProblem) as error:
        raise ResourceError(explained(str(error))) from error
