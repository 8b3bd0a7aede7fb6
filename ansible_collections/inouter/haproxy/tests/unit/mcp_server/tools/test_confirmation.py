# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user is asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.tools import confirmation
from ansible_collections.inouter.haproxy.mcp_server.tools.build import entries

ENTRIES = {entry.name: entry for entry in entries()}


@pytest.mark.parametrize(
    ("tool", "given", "question"),
    [
        ("haproxy_reload", {}, "Reload HAProxy?"),
        ("haproxy_rollback", {"generation": 4}, "Roll back to a generation? (generation=4)"),
        (
            "haproxy_remove_domain",
            {"domain": "a.test", "confirm": False, "plan_id": "x"},
            "Remove a domain? (domain='a.test')",
        ),
        (
            "haproxy_apply_domains",
            {"prune": True, "domains": [{"domain": "a.test", "certificates": ["KEY"]}] * 12},
            "Apply a list of domains? (domains=(12 entries), prune=True)",
        ),
        (
            "haproxy_apply_domains",
            {"domains": "[BEGIN PRIVATE KEY]"},
            "Apply a list of domains? (domains=(21 characters))",
        ),
    ],
    ids=["nothing", "number", "own", "list", "key"],
)
def test_question(tool: str, given: dict[str, Any], question: str) -> None:
    request = SimpleNamespace(params={"arguments": given})
    ctx: Any = SimpleNamespace(request_context=request)
    assert confirmation._question(ENTRIES[tool], ctx) == question
