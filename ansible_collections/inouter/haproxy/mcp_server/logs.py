# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host did, as log messages for clients that ask for them.

A client of 2025-11-25 asks with `logging/setLevel` once a session; one of 2026-07-28 with each
request's own level, which the SDK reads. Who does not ask gets none: the answer says the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, get_args

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import EmptyResult, LoggingLevel, SetLevelRequestParams
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from .writes.task import HostResult

LEVELS: tuple[LoggingLevel, ...] = get_args(LoggingLevel)
LOGGER = "haproxy"
_KEY = "log_level"


def add(mcp: MCPServer[Any]) -> None:
    """Serve `logging/setLevel`; the SDK has this method at its lower level alone."""

    async def set_level(
        context: ServerRequestContext[Any, Any], params: SetLevelRequestParams
    ) -> EmptyResult:
        context.session._connection.state[_KEY] = params.level
        return EmptyResult()

    mcp._lowlevel_server.add_request_handler("logging/setLevel", SetLevelRequestParams, set_level)


async def tell(context: Context[Any, Any], results: Iterable[HostResult]) -> None:
    """Send what became of each host, at the levels that the client asked for."""
    for found in results:
        for level, text in messages(found):
            if _wanted(context, level):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", MCPDeprecationWarning)
                    await context.log(level, text, logger_name=LOGGER)


def messages(found: HostResult) -> Iterable[tuple[LoggingLevel, str]]:
    """The messages of one host: its warnings, and how it ended."""
    for warning in found.result.get("warnings", []):
        yield "warning", f"{found.host}: {warning}"
    if found.status in ("failed", "unreachable"):
        yield "error", f"{found.host}: {found.result.get('msg') or found.status}"
    else:
        done = [name for name in ("persisted", "applied", "verified") if found.result.get(name)]
        yield "info", f"{found.host}: {', '.join([found.status, *done])}"


def _wanted(context: Context[Any, Any], level: LoggingLevel) -> bool:
    session = context.request_context.session
    if session.protocol_version in MODERN_PROTOCOL_VERSIONS:
        return True  # The SDK drops what this request did not ask for.
    least = session._connection.state.get(_KEY)
    return least is not None and LEVELS.index(level) >= LEVELS.index(least)
