# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the user before something is removed or replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context, Elicit
from pydantic import BaseModel, Field

from .arguments import SECRET
from .catalog import Entry


class Consent(BaseModel):
    """What the user says."""

    go_on: bool = Field(title="Go on", description="Do this now?")


LONGEST = 5000
NEEDED = (
    "{title} was not done, for it removes or replaces something and nobody was asked. Ask the user,"
    " then call {name} again with confirm=true; dry_run=true shows what would change."
)
DECLINED = "The user said no. Nothing was changed."


def consent_for(entry: Entry) -> Callable[..., Any]:
    """The SDK's resolver that asks, where the client can; else it decides from `confirm`.

    An agent that could ask its user cannot say yes in the user's place.
    """

    def consent(ctx: Context, confirm: bool, dry_run: bool) -> Consent | Elicit[Consent]:
        if dry_run or not can_ask(ctx):
            return Consent(go_on=confirm or dry_run)
        return Elicit(_question(entry, ctx), Consent)

    return consent


def can_ask(ctx: Context) -> bool:
    """Whether the client shows forms to its user."""
    capabilities = ctx.client_capabilities
    asks = capabilities.elicitation if capabilities else None
    return asks is not None and (asks.form is not None or asks.url is None)


def refusal(entry: Entry, ctx: Context, outcome: Any) -> str:
    """Why the call must not go on, or nothing."""
    if isinstance(outcome, AcceptedElicitation) and outcome.data.go_on:
        return ""
    if can_ask(ctx):
        return DECLINED
    return NEEDED.format(title=f"'{entry.title}'", name=entry.name)


def _question(entry: Entry, ctx: Context) -> str:
    """The same text in each round, which the SDK requires."""
    params = ctx.request_context.params or {}
    given = params.get("arguments") or {}
    hidden = SECRET | {"confirm", "dry_run", "plan_id"}
    shown = ", ".join(f"{n}={_said(given[n])}" for n in sorted(given) if n not in hidden)
    return f"{entry.title}?{f' ({shown})' if shown else ''}"


def _said(value: Any) -> str:
    """The value for a person: of a list, which may be long and hold keys, how long it is."""
    if isinstance(value, list):
        return f"({len(value)} entries)"
    text = repr(value)
    return f"({len(text)} characters)" if len(text) > LONGEST or "PRIVATE KEY" in text else text
