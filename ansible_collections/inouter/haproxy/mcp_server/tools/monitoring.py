# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for what HAProxy counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from .answers import Connections, Rows
from .arguments import Cursor, DomainName, Fields, Limit
from .calls import Call
from .catalog import Toolset
from .cursors import number_of
from .orders import Question

TOOLS = Toolset("monitoring")
_ALWAYS = ("pxname", "status", "scur", "smax", "stot", "bin", "bout", "hrsp_2xx", "hrsp_4xx")
FRONTEND_FIELDS = (*_ALWAYS, "hrsp_5xx", "req_rate", "req_tot", "dreq", "ereq")
BACKEND_FIELDS = (*_ALWAYS, "hrsp_5xx", "act", "qcur", "econ", "eresp", "wretr", "wredis")
_CONNECTION_FIELDS = ("svname", "scur", "qcur")


def statistics(
    section: str,
    domain: str | None,
    fields: Sequence[str] | None,
    cursor: str,
    limit: int,
) -> Question:
    """A page of one section of the statistics."""
    listed = None if fields is None else list(fields)
    wanted = {"section": section, "domain": domain, "fields": listed}
    return Question("statistics", {**wanted, "offset": number_of(cursor) or 0, "limit": limit})


@TOOLS.read("HAProxy's statistics", Rows)
def haproxy_stats(
    section: Annotated[
        Literal["process", "frontends", "backends", "servers"],
        Field(description="process is 'show info'; the others are rows of 'show stat'."),
    ] = "process",
    domain: DomainName | None = None,
    fields: Fields | None = None,
    cursor: Cursor = "",
    limit: Limit = 20,
) -> Question:
    """Read all that HAProxy counts of one section: the process (version, uptime, rates, limits),
    the frontends, the backends or the servers, of all domains or of one. Rows are long: name the
    fields that you need. Shorter: haproxy_backends, haproxy_list_frontends,
    haproxy_get_connections."""
    return statistics(section, domain, fields, cursor, limit)


@TOOLS.read("List backends", Rows)
def haproxy_backends(
    domain: DomainName | None = None,
    fields: Fields | None = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Question:
    """List the backends (pool_1, pool_2 ...) with status, sessions, bytes, answers by class,
    servers in use (act) and errors: of all domains, or of one. A pool that no domain uses is DOWN
    or MAINT, which is right so."""
    return statistics("backends", domain, fields or BACKEND_FIELDS, cursor, limit)


@TOOLS.read("List frontends", Rows)
def haproxy_list_frontends(
    fields: Fields | None = None, cursor: Cursor = "", limit: Limit = 100
) -> Question:
    """List the frontends, where clients connect, with status, sessions, bytes, request rate and
    answers by class. Many hrsp_5xx here: look at haproxy_backends next."""
    return statistics("frontends", None, fields or FRONTEND_FIELDS, cursor, limit)


@TOOLS.read("Active connections by server", Connections)
async def haproxy_get_connections(
    call: Call, domain: DomainName | None = None, cursor: Cursor = "", limit: Limit = 100
) -> Any:
    """Tell how many sessions each server has at this moment, and how many requests wait for it: of
    all domains, or of one."""
    question = statistics("servers", domain, _CONNECTION_FIELDS, cursor, limit)

    async def look(host: Any) -> dict[str, Any]:
        answer = await call.ask(host, question)
        rows = answer.pop("rows")
        return {
            **answer,
            "connections": {row["svname"]: row["scur"] for row in rows},
            "queued": {row["svname"]: row["qcur"] for row in rows if row["qcur"]},
        }

    return await call.each_host(look)
