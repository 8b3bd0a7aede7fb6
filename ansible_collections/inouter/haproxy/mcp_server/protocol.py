# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the protocol asks for other errors than the SDK gives."""

from __future__ import annotations

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS


class UnknownNames:
    """Answers a call of a tool or prompt that is not there with -32602, naming those that are."""

    def __init__(self, mcp: MCPServer[Any]) -> None:
        self._mcp = mcp

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        name = (ctx.params or {}).get("name")
        if ctx.method == "prompts/get" and isinstance(name, str):
            _require("prompt", name, [prompt.name for prompt in await self._mcp.list_prompts()])
        result = await call_next(ctx)
        # Only after an error, for it takes longer to list the tools than to call most of them.
        if ctx.method == "tools/call" and isinstance(name, str) and _is_error(result):
            _require("tool", name, [tool.name for tool in await self._mcp.list_tools()])
        return result


def _is_error(result: HandlerResult) -> bool:
    told = result.get("isError") if isinstance(result, dict) else getattr(result, "is_error", None)
    return bool(told)


def _require(kind: str, name: str, known: list[str]) -> None:
    if name not in known:
        shown = ", ".join(sorted(known))
        text = f"Unknown {kind}: {name[:100]!r}, or it is switched off here. There are: {shown}"
        raise MCPError(code=INVALID_PARAMS, message=text)
