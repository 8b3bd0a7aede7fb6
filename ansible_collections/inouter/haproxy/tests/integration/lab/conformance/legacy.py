# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only the handshake revisions have: requests to the client while a tool runs, log levels,
subscriptions by request."""

from __future__ import annotations

import warnings
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import (
    EmptyResult,
    SamplingMessage,
    SubscribeRequestParams,
    TextContent,
    UnsubscribeRequestParams,
)

Ctx = Context[Any, Any]
Schema = dict[str, Any]

USER = {
    "username": {"type": "string", "description": "User's response"},
    "email": {"type": "string", "description": "User's email address"},
}
DEFAULTS = {
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": True},
}
_PLAIN = ["option1", "option2", "option3"]
_TITLED = [{"const": f"value{n}", "title": f"Choice {n}"} for n in (1, 2, 3)]
_NAMES = ["Option One", "Option Two", "Option Three"]
ENUMS = {
    "untitledSingle": {"type": "string", "enum": _PLAIN},
    "titledSingle": {"type": "string", "oneOf": _TITLED},
    "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": _NAMES},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": _PLAIN}},
    "titledMulti": {"type": "array", "items": {"anyOf": _TITLED}},
}


async def _ask(ctx: Ctx, message: str, fields: Schema, required: list[str]) -> str:
    schema = {"type": "object", "properties": fields, "required": required}
    found = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return f"action={found.action}, content={found.content}"


def add(mcp: MCPServer[Any]) -> None:
    """Offer them."""
    _add_tools(mcp)
    _add_methods(mcp)


def _add_tools(mcp: MCPServer[Any]) -> None:
    @mcp.tool()
    async def test_elicitation(message: str, ctx: Ctx) -> str:
        """Ask the user for a name and an address."""
        return f"User response: {await _ask(ctx, message, USER, list(USER))}"

    @mcp.tool()
    async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
        """Ask with a default for each type."""
        return f"Elicitation completed: {await _ask(ctx, 'Who are you?', DEFAULTS, [])}"

    @mcp.tool()
    async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
        """Ask with each way to write a choice."""
        return f"Elicitation completed: {await _ask(ctx, 'Please choose', ENUMS, [])}"

    @mcp.tool()
    async def test_sampling(prompt: str, ctx: Ctx) -> str:
        """Let the client's model answer."""
        asked = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            found = await ctx.session.create_message(
                [asked], max_tokens=100, related_request_id=ctx.request_id
            )
        return f"LLM response: {found.content}"


def _add_methods(mcp: MCPServer[Any]) -> None:
    """The SDK offers these at its lower level alone."""

    async def done(_ctx: Any, _params: Any) -> EmptyResult:
        return EmptyResult()

    for method, params in (
        ("resources/subscribe", SubscribeRequestParams),
        ("resources/unsubscribe", UnsubscribeRequestParams),
    ):
        mcp._lowlevel_server.add_request_handler(method, params, done)
