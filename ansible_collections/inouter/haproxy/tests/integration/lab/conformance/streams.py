# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools that say something before they answer, or on another stream."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.exceptions import MCPDeprecationWarning

PAUSE_SECONDS = 0.05
Ctx = Context[Any, Any]


async def say(ctx: Ctx, text: str) -> None:
    """Send a log message, which the newest protocol deprecates and still has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        await ctx.info(text)


def add(mcp: MCPServer[Any]) -> None:
    """Offer them."""

    @mcp.tool()
    async def test_tool_with_logging(ctx: Ctx) -> str:
        """Send three log messages."""
        for text in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await say(ctx, text)
            await asyncio.sleep(PAUSE_SECONDS)
        return "Three messages were sent."

    @mcp.tool()
    async def test_logging_tool(ctx: Ctx) -> str:
        """Send a log message to clients that asked for them."""
        await say(ctx, "Only for those who asked")
        return "One message was sent to those who asked."

    @mcp.tool()
    async def test_tool_with_progress(ctx: Ctx) -> str:
        """Report progress three times."""
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100)
            await asyncio.sleep(PAUSE_SECONDS)
        return "Progress was reported three times."

    @mcp.tool()
    async def test_trigger_tool_change(ctx: Ctx) -> str:
        """Tell listeners that the tools changed."""
        await ctx.notify_tools_changed()
        return "Those who listen were told."

    @mcp.tool()
    async def test_trigger_prompt_change(ctx: Ctx) -> str:
        """Tell listeners that the prompts changed."""
        await ctx.notify_prompts_changed()
        return "Those who listen were told."
