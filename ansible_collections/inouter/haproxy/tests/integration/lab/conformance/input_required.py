# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What asks the client by its answer, as revision 2026-07-28 does, and is then called again."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, Elicit, MCPServer, Resolve, Sample
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)
from pydantic import BaseModel

Ctx = Context[Any, Any]
Asked = InputRequiredResult | str
NAME = "What is your name?"


class Consent(BaseModel):
    """One box to tick."""

    ok: bool


def _form(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _message(text: str) -> SamplingMessage:
    return SamplingMessage(role="user", content=TextContent(type="text", text=text))


def _sample(text: str) -> CreateMessageRequest:
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[_message(text)], max_tokens=100)
    )


def _ask(state: str | None = None, /, **requests: InputRequest) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def _filled(ctx: Ctx, key: str, field: str) -> str | None:
    """What the user put into a form, or None where it was not answered."""
    found = (ctx.input_responses or {}).get(key)
    if isinstance(found, ElicitResult) and found.action == "accept" and found.content:
        value = found.content.get(field)
        return None if value is None else str(value)
    return None


def _answer(ctx: Ctx, key: str, kind: type) -> Any:
    found = (ctx.input_responses or {}).get(key)
    return found if isinstance(found, kind) else None


def add(mcp: MCPServer[Any]) -> None:
    """Offer them."""
    _add_single(mcp)
    _add_with_state(mcp)
    _add_by_capability(mcp)


def _add_single(mcp: MCPServer[Any]) -> None:
    @mcp.tool()
    async def test_input_required_result_elicitation(ctx: Ctx) -> Asked:
        """Ask the user's name."""
        name = _filled(ctx, "user_name", "name")
        return f"Hello, {name}!" if name else _ask(user_name=_form(NAME, "name"))

    @mcp.tool()
    async def test_input_required_result_sampling(ctx: Ctx) -> Asked:
        """Let the client's model answer."""
        found = _answer(ctx, "capital_question", CreateMessageResult)
        if found is None:
            return _ask(capital_question=_sample("What is the capital of France?"))
        return str(found.content.text)

    @mcp.tool()
    async def test_input_required_result_list_roots(ctx: Ctx) -> Asked:
        """Ask for the client's roots."""
        found = _answer(ctx, "client_roots", ListRootsResult)
        if found is None:
            return _ask(client_roots=ListRootsRequest())
        return f"Roots: {', '.join(str(root.uri) for root in found.roots)}"

    @mcp.prompt()
    async def test_input_required_result_prompt(ctx: Ctx) -> Asked:
        """A prompt that asks before it is made."""
        found = _filled(ctx, "user_context", "context")
        question = _form("What context should the prompt use?", "context")
        return f"Context: {found}" if found else _ask(user_context=question)


def _add_with_state(mcp: MCPServer[Any]) -> None:
    async def confirmed(ctx: Ctx) -> Asked:
        """Ask for consent, and remember that it was asked."""
        if ctx.request_state == "asked" and _filled(ctx, "confirm", "ok"):
            return "state-ok"
        return _ask("asked", confirm=_form("Please confirm", "ok", "boolean"))

    for name in ("request_state", "tampered_state"):
        mcp.add_tool(confirmed, f"test_input_required_result_{name}")

    @mcp.tool()
    async def test_input_required_result_multiple_inputs(ctx: Ctx) -> Asked:
        """Ask three things at once."""
        questions: dict[str, InputRequest] = {
            "user_name": _form(NAME, "name"),
            "greeting": _sample("Generate a greeting"),
            "client_roots": ListRootsRequest(),
        }
        if ctx.request_state == "asked" and questions.keys() <= (ctx.input_responses or {}).keys():
            return f"Hello, {_filled(ctx, 'user_name', 'name')}!"
        return _ask("asked", **questions)

    @mcp.tool()
    async def test_input_required_result_multi_round(ctx: Ctx) -> Asked:
        """Ask one thing after the other."""
        name, color = _filled(ctx, "step1", "name"), _filled(ctx, "step2", "color")
        if ctx.request_state == "first" and name:
            question = _form("Step 2: What is your favorite color?", "color")
            return _ask(f"second {name}", step2=question)
        if (ctx.request_state or "").startswith("second ") and color:
            return f"{str(ctx.request_state).removeprefix('second ')} likes {color}."
        return _ask("first", step1=_form("Step 1: What is your name?", "name"))


def _sampled() -> Sample:
    return Sample([_message("Anything")], max_tokens=10)


def _consent() -> Elicit[Consent]:
    return Elicit("Go on?", Consent)


async def test_missing_capability(
    found: Annotated[CreateMessageResult, Resolve(_sampled)],
) -> str:
    """Need a client that can sample."""
    return str(found.content)


async def test_streaming_elicitation(found: Annotated[Consent, Resolve(_consent)]) -> str:
    """Ask the user to go on."""
    return f"ok={found.ok}"


async def test_input_required_result_capabilities(ctx: Ctx) -> Asked:
    """Ask only what the client can answer."""
    able = ctx.client_capabilities
    questions: dict[str, InputRequest] = {}
    if able and able.elicitation is not None:
        questions["user_name"] = _form(NAME, "name")
    if able and able.sampling is not None:
        questions["greeting"] = _sample("Generate a greeting")
    return _ask(None, **questions)


def _add_by_capability(mcp: MCPServer[Any]) -> None:
    for tool in (
        test_missing_capability,
        test_streaming_elicitation,
        test_input_required_result_capabilities,
    ):
        mcp.add_tool(tool)
