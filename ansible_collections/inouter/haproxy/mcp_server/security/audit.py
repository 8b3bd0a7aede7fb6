# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A row in each host's own database for every call of a tool that writes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ..configuration.inventory import Host
from ..problems import ConfigurationProblem, HostProblem
from ..reads.reads import Reads

LONGEST = 300
MOST = 20
DEEPEST = 4
HIDDEN = "(hidden)"
log = logging.getLogger("inouter.haproxy.audit")


class Ending(NamedTuple):
    """How a call ended on one host: done, unchanged, refused or failed."""

    outcome: str
    message: str = ""


class Row(NamedTuple):
    """A row that was begun, or why it could not be."""

    host: Host
    number: int
    problem: str = ""


async def begin(
    reads: Reads, hosts: Sequence[Host], caller: str, tool: str, arguments: Mapping[str, Any]
) -> list[Row]:
    """Begin a row on each host, before anything is done."""

    async def one(host: Host) -> Row:
        values = {"caller": caller, "tool": tool, "arguments": arguments}
        try:
            begun = await reads.ask(host, "begin_call", values)
        except (HostProblem, ConfigurationProblem) as error:
            return Row(host, 0, str(error))
        return Row(host, begun["number"])

    log.info("%s calls %s %s", caller, tool, arguments)
    return await asyncio.gather(*(one(host) for host in hosts))


async def finish(reads: Reads, rows: Sequence[Row], endings: Mapping[str, Ending]) -> None:
    """End the rows. A host that was lost meanwhile keeps a row that says `started`."""

    async def one(row: Row) -> None:
        ending = endings[row.host.name]
        values = {"number": row.number, **ending._asdict()}
        log.info("call %d on %s: %s %s", row.number, row.host.name, *ending)
        try:
            await reads.ask(row.host, "finish_call", values)
        except (HostProblem, ConfigurationProblem) as error:
            log.error("%s: the audit could not be written: %s", row.host.name, error)

    await asyncio.gather(*(one(row) for row in rows if row.number))


def shown(arguments: Mapping[str, Any], secret: Collection[str]) -> dict[str, Any]:
    """The arguments as they may be written down: no secrets, and nothing long."""
    given = {
        name: value
        for name, value in list(arguments.items())[:MOST]
        if value is not None and value is not False and value != ""
    }
    return {
        _short(name): HIDDEN if name in secret else _short(value, secret)
        for name, value in given.items()
    }


def _short(value: Any, secret: Collection[str] = (), depth: int = 0) -> Any:
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, str) and ("PRIVATE KEY" in value or len(value) > LONGEST):
        return f"({len(value)} characters)"
    if isinstance(value, (list, dict)) and depth == DEEPEST:
        return "(more)"
    if isinstance(value, list):
        first = [_short(item, secret, depth + 1) for item in value[:MOST]]
        return [*first, f"({len(value) - MOST} more)"] if len(value) > MOST else first
    if isinstance(value, dict):
        kept = [(str(name), item) for name, item in list(value.items())[:MOST]]
        return {
            _short(name): HIDDEN if name in secret else _short(item, secret, depth + 1)
            for name, item in kept
        }
    return value
