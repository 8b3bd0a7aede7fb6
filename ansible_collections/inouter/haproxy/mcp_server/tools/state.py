# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for all that a host serves: what differs, what was, going back, backups, whole lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    MOST_KEPT,
)

from .arguments import Cursor, Limit
from .catalog import ADDS, REPLACES, Toolset
from .cursors import number_of
from .listed_domains import MOST_DOMAINS, ListedDomain
from .orders import Order, Question
from .state_answers import Drift, Export, History

TOOLS = Toolset("state")
WHOLE_SECONDS = 90.0


@TOOLS.read("Compare database, files and HAProxy", Drift)
def haproxy_drift(cursor: Cursor = "", limit: Limit = 100) -> Question:
    """Compare the database, which says what should be served, with the files that HAProxy starts
    from and with the running HAProxy: each thing that differs, with what each side says. Use it
    when somebody may have changed HAProxy by hand. haproxy_reload makes all agree with the database
    again; so does a write, for what it is about."""
    wanted = {"offset": number_of(cursor) or 0, "limit": limit}
    return Question("drift", wanted, WHOLE_SECONDS)


@TOOLS.read("History of changes and calls", History)
def haproxy_history(
    section: Annotated[
        Literal["changes", "calls"],
        Field(
            description="changes: what became different, by whom, with its generation. calls: who"
            " called which tool, and how it ended, also where it was refused."
        ),
    ] = "changes",
    cursor: Cursor = "",
    limit: Limit = 20,
) -> Question:
    """List who changed what and when, the newest first, with the values before and after and the
    generation: its number, for haproxy_rollback. Use it to find out what has changed since
    something worked. Changes by playbooks are listed too; calls are those of tools alone."""
    before = number_of(cursor)
    wanted = {"section": section, "limit": limit}
    return Question("history", wanted if before is None else {**wanted, "before": before})


@TOOLS.write("Roll back to a generation", REPLACES)
def haproxy_rollback(
    generation: Annotated[
        int, Field(strict=True, ge=1, le=2**53, description="Its number in haproxy_history.")
    ],
) -> Order:
    """Serve again the domains, servers and certificates of an earlier generation, with no reload;
    to undo the newest change give the generation before it. All changes since are taken back, and
    the rollback is a change that can be rolled back as well. The last 50 generations can be
    reached. Look at a dry_run first."""
    return Order("haproxy_state", {"state": "rolled_back", "generation": generation})


@TOOLS.write("Make a backup", ADDS)
def haproxy_backup() -> Order:
    """Make a backup of the database and the certificates with their keys, in a file on the host
    that its owner alone can read. Use it before large changes. details has the file's name (backup)
    and its checksum (sha256). Where nothing has changed since the newest backup, that one is told
    and changed is false. No older one is removed."""
    # An agent that makes many must not push out those that somebody relies on.
    return Order("haproxy_state", {"state": "backed_up", "keep": MOST_KEPT})


@TOOLS.read("Export all that is served", Export)
def haproxy_export(cursor: Cursor = "", limit: Limit = 100) -> Question:
    """Give all domains with their servers in the shape that haproxy_apply_domains takes, to keep
    it, to compare hosts, or to serve the same elsewhere; and the certificates, never with keys. The
    pages' lists, put together, are the whole."""
    wanted = {"offset": number_of(cursor) or 0, "limit": limit}
    return Question("export", wanted, WHOLE_SECONDS)


@TOOLS.write("Apply a list of domains", REPLACES)
def haproxy_apply_domains(
    domains: Annotated[
        list[ListedDomain],
        Field(max_length=MOST_DOMAINS, description="The domains, in any order."),
    ],
    prune: Annotated[
        bool,
        Field(
            strict=True,
            description="The list is complete: remove domains, and servers, that it does not name.",
        ),
    ] = False,
    prune_limit: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=100,
            description="The most that prune may remove, in percent of the domains; else nothing"
            " is done.",
        ),
    ] = 20,
) -> Order:
    """Make many domains be as a list says in one change, with no reload: their servers, whom they
    share with, their certificates. All of it is done, or nothing. Use it instead of many calls of
    haproxy_add_domain and haproxy_add_servers, or with prune to serve exactly an edited
    haproxy_export. details counts what was added, changed and removed. Look at a dry_run first."""
    listed = [one.model_dump(exclude_none=True, exclude_unset=True) for one in domains]
    options = {"domains": listed, "prune": prune, "prune_limit": prune_limit}
    return Order("haproxy_domains", options, secret=any(one.secret for one in domains))
