# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of a tool: its target's hosts, and what they answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from ..configuration.inventory import Host, Target
from ..problems import ConfigurationProblem, HostProblem
from ..site import Site
from .hints import explained
from .orders import Question

Look = Callable[[Host], Awaitable[dict[str, Any]]]


class Call:
    """What a tool may use while it is called."""

    def __init__(self, site: Site, context: Context[Any, Any], target: str) -> None:
        self.site = site
        self.context = context
        self.target = target
        self._told = 0.0

    async def found(self) -> Target:
        """The target's name and its hosts; raises ToolError."""
        try:
            return await self.site.inventory.found(self.target)
        except ConfigurationProblem as error:
            raise ToolError(str(error)) from error

    async def ask(self, host: Host, question: Question) -> dict[str, Any]:
        """One host's answer; raises HostProblem or ConfigurationProblem."""
        arguments = dict(question.arguments)
        return await self.site.reads.ask(host, question.read, arguments, question.seconds)

    async def each_host(self, look: Look) -> dict[str, Any]:
        """Look at all hosts at once; raises ToolError where none answers."""
        target = await self.found()
        found = await asyncio.gather(*(_looked(host, look) for host in target.hosts))
        answers = [answer for answer in found if "message" not in answer]
        failed = [answer for answer in found if "message" in answer]
        if not answers:
            raise ToolError(failures(failed))
        return {"hosts": answers, "failed": failed}

    async def progress(self, message: str, seconds: float) -> None:
        """Tell the client how far it is, if it wants to know. The number only ever rises."""
        self._told = max(seconds, self._told + 0.001)
        await self.context.report_progress(self._told, None, message)

    def own_health(self, host: Host) -> dict[str, Any]:
        """What this server knows of itself."""
        site = self.site
        return {
            "status": "ok",
            "sdk_version": metadata.version("mcp"),
            "uptime_sec": int(time.monotonic() - site.began),
            "read_connections": site.reads.connected().get(host.name, 0),
            "at_start": site.converged.get(host.name),
        }


async def _looked(host: Host, look: Look) -> dict[str, Any]:
    try:
        return {"host": host.name, **await look(host)}
    except (HostProblem, ConfigurationProblem) as error:
        return {"host": host.name, "message": explained(str(error))}


def failures(failed: Sequence[Mapping[str, Any]]) -> str:
    """Why hosts did not answer, as one text; a host alone needs no name."""
    if len(failed) == 1:
        return str(failed[0]["message"])
    return "\n".join(f"{one['host']}: {one['message']}" for one in failed)
