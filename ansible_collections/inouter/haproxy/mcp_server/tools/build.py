# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools of the SDK from their declarations."""

from __future__ import annotations

import inspect
import time
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver import Context, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

from ..configuration.options import Options
from ..security import identity
from ..site import Site
from . import certificates, configuration, domains, health, monitoring, servers, state
from .arguments import Confirm, DryRun, PlanId, Target
from .calls import Call
from .catalog import Entry
from .confirmation import Consent, consent_for, refusal
from .orders import Question
from .refusals import refused
from .schema import close
from .writing import Wish, carry_out

TOOLSETS = (domains, servers, health, monitoring, configuration, certificates, state)
LONGEST_TEXT = 10_240
MOST_COMPLAINTS = 10
_LISTS = ("servers", "domains")
_CONTEXT, _CONSENT = "ctx", "consent"


def entries() -> Iterator[Entry]:
    """All 35 tools, in their order."""
    for module in TOOLSETS:
        yield from module.TOOLS.entries


def offered(options: Options) -> Iterator[Entry]:
    """Those that the options leave."""
    for entry in entries():
        hidden = entry.writes and options.read_only
        hidden |= entry.destructive and options.disable_destructive
        if entry.toolset in options.toolsets and not hidden:
            yield entry


class HaproxyTool(Tool):
    """A tool of the SDK that refuses unknown arguments and says in plain words what is wrong."""

    site: Any = None
    """Where refused calls are written down; nothing for tools that only read."""

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Run it; raises ToolError."""
        try:
            _refuse_long(arguments)
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            words = self._words(error.__cause__ or error)
            if self.site is not None and isinstance(error.__cause__, ValidationError):
                who = identity.caller(context.request_context.request)
                await refused(self.site, who.name, self.name, arguments, words)
            raise ToolError(words) from error.__cause__

    def _words(self, error: BaseException) -> str:
        if not isinstance(error, ValidationError):
            return str(error).removeprefix(f"Error executing tool {self.name}: ")
        known = ", ".join(self.parameters["properties"])
        problems = error.errors(include_input=False)
        found = [_complaint(dict(problem)) for problem in problems[:MOST_COMPLAINTS]]
        if len(problems) > MOST_COMPLAINTS:
            found.append(f"There are {len(problems) - MOST_COMPLAINTS} more.")
        return f"{' '.join(found)} {self.name} takes: {known}."


def _refuse_long(arguments: dict[str, Any]) -> None:
    """Lists may come as JSON text, but not long ones."""
    for name in _LISTS:
        text = arguments.get(name)
        if isinstance(text, str) and len(text) > LONGEST_TEXT:
            words = f"{name}: {len(text)} characters are too many; 10 KB is the most."
            raise ToolError(f"{words} Send an array instead of text.")


def _complaint(problem: dict[str, Any]) -> str:
    """One problem, without the value, which may be secret."""
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{place}: there is no such argument."
    if problem["type"] == "missing":
        return f"{place}: this argument is needed."
    return f"{place}: {problem['msg']}."


def tool_of(entry: Entry, site: Site) -> HaproxyTool:
    """The tool of one declaration, working on this site."""
    run = _counted(entry, site, _writing(entry, site) if entry.writes else _reading(entry, site))
    _sign(run, entry)
    tool = typing.cast(
        "HaproxyTool",
        HaproxyTool.from_function(
            run,
            name=entry.name,
            title=entry.title,
            description=entry.description,
            annotations=entry.annotations,
        ),
    )
    close(tool)
    tool.site = site if entry.writes else None
    return tool


def _reading(entry: Entry, site: Site) -> Callable[..., Any]:
    asks_itself = inspect.iscoroutinefunction(entry.function)

    async def read(ctx: Context[Any, Any], target: str, **given: Any) -> Any:
        call = Call(site, ctx, target)
        if asks_itself:
            return await entry.function(call, **given)
        question: Question = entry.function(**given)
        return await call.each_host(lambda host: call.ask(host, question))

    return read


def _writing(entry: Entry, site: Site) -> Callable[..., Any]:
    async def write(
        ctx: Context[Any, Any],
        target: str,
        dry_run: bool,
        plan_id: str,
        consent: Any = None,
        confirm: bool = False,
        **given: Any,
    ) -> Any:
        refused = refusal(entry, ctx, consent) if entry.destructive else ""
        wish = Wish(entry, entry.function(**given), given, dry_run, plan_id, refused)
        return await carry_out(Call(site, ctx, target), wish)

    return write


def _counted(entry: Entry, site: Site, call: Callable[..., Any]) -> Callable[..., Any]:
    """Count calls and how long they took."""

    async def run(**given: Any) -> Any:
        began, outcome = time.perf_counter(), "error"
        try:
            answer = await call(**given)
            outcome = "ok"
            return answer
        finally:
            site.metrics.calls.labels(entry.name, outcome).inc()
            site.metrics.seconds.labels(entry.name).observe(time.perf_counter() - began)

    return run


def _sign(run: Callable[..., Any], entry: Entry) -> None:
    """Give the function the arguments that the SDK publishes."""
    hints = typing.get_type_hints(entry.function, include_extras=True)
    own = inspect.signature(entry.function).parameters.values()
    parameters = [p.replace(annotation=hints[p.name]) for p in own if p.name != "call"]
    parameters += _common(entry)
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    annotations = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=entry.answers
    )
    run.__annotations__ = {**annotations, "return": entry.answers}


def _common(entry: Entry) -> Iterator[inspect.Parameter]:
    yield _parameter("target", Target, "")
    if entry.writes:
        yield _parameter("dry_run", DryRun, False)
        yield _parameter("plan_id", PlanId, "")
    if entry.destructive:
        yield _parameter("confirm", Confirm, False)
        asked = Annotated[ElicitationResult[Consent], Resolve(consent_for(entry))]
        yield _parameter(_CONSENT, asked, inspect.Parameter.empty)
    yield _parameter(_CONTEXT, Context, inspect.Parameter.empty)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)
