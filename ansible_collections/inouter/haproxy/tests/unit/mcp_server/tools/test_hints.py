# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tool to call next."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.tools.build import entries
from ansible_collections.inouter.haproxy.mcp_server.tools.hints import _HINTS, explained

NAMES = {entry.name for entry in entries()}


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        (
            "domain: 'a' is not a domain of this instance. Add it first with"
            " inouter.haproxy.haproxy_domain",
            "domain: 'a' is not a domain of this instance. Call haproxy_list_domains to see the"
            " domains, or haproxy_add_domain to add it.",
        ),
        ("All is well.", "All is well."),
        (
            "Generations 1 to 7 can; haproxy_state_info with gather=history lists what each did.",
            "Generations 1 to 7 can; haproxy_history lists what each did.",
        ),
        ("Bring it back with haproxy_cert, or", "Bring it back with haproxy_load_cert, or"),
        ("No HAProxy listens at /x.", "No HAProxy listens at /x. Call haproxy_health"),
    ],
    ids=["domain", "none", "history", "certificate", "down"],
)
def test_hints(message: str, hint: str) -> None:
    assert explained(message).startswith(hint)


def test_hints_name_tools_that_exist() -> None:
    for _pattern, hint in _HINTS:
        named = {word.strip(".,") for word in hint.split() if word.startswith("haproxy_")}
        assert named - {"haproxy.cfg"} <= NAMES, hint
