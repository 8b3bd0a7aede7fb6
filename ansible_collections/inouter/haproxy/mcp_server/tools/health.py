# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for health."""

from __future__ import annotations

from typing import Any

from .answers import DomainHealth, Health, Rows
from .arguments import Cursor, DomainName, Limit
from .calls import Call
from .catalog import Toolset
from .monitoring import statistics
from .orders import Question

TOOLS = Toolset("health")
SERVER_FIELDS = ("pxname", "svname", "addr", "status", "check_status", "last_chk", "lastchg")


@TOOLS.read("Health of the system", Health)
async def haproxy_health(call: Call) -> Any:
    """Tell whether the whole system is well: this server (mcp), the HAProxy process with version
    and uptime, its files, its database and its container. Start here when something is wrong."""

    async def look(host: Any) -> dict[str, Any]:
        answer = await call.ask(host, Question("system_health"))
        return {**answer, "components": {"mcp": call.own_health(host), **answer["components"]}}

    return await call.each_host(look)


@TOOLS.read("Health of a domain", DomainHealth)
def haproxy_domain_health(domain: DomainName) -> Question:
    """Tell whether a domain is healthy (all servers up), degraded (some), down (none) or has
    no_servers, with each server's check. Use it when a domain answers 503."""
    return Question("domain_health", {"name": domain})


@TOOLS.read("Health of all servers", Rows)
def haproxy_get_server_health(
    domain: DomainName | None = None, cursor: Cursor = "", limit: Limit = 100
) -> Question:
    """Tell for each server of all domains, or of one, whether it is UP, DOWN, MAINT or in drain,
    what its last check said (last_chk) and for how many seconds (lastchg)."""
    return statistics("servers", domain, SERVER_FIELDS, cursor, limit)
