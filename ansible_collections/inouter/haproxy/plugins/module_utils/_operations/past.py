# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed and who asked for it. Read only, but for the audit's own rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._instance.instance import Instance
from .._store import audit
from .._store.database import transaction


def past(instance: Instance, limit: int = 50) -> dict[str, Any]:
    """The newest `changes` of the truth and the newest `calls` of tools, the newest first."""
    names = ("generation", "at", "actor", "action", "changes", "outcome", "message")
    query = f"SELECT {', '.join(names)} FROM history ORDER BY generation DESC LIMIT ?"
    with instance.store() as store:
        rows = [dict(zip(names, row)) for row in store.connection.execute(query, (limit,))]
        calls = audit.calls(store.connection, limit)
    return {"changes": [{**r, "changes": json.loads(r["changes"])} for r in rows], "calls": calls}


def begin_call(
    instance: Instance, caller: str, tool: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Write down that a tool is called, before it does anything."""
    with instance.store() as store, transaction(store.connection):
        return {"number": audit.begin(store.connection, caller, tool, arguments)}


def finish_call(instance: Instance, number: int, outcome: str, message: str) -> dict[str, Any]:
    """Write down how it ended."""
    with instance.store() as store, transaction(store.connection):
        audit.finish(store.connection, number, outcome, message)
    return {}
