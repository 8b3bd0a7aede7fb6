# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the declarations become: arguments that all share, words for bad ones, toolsets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from mcp import Client

from ansible_collections.inouter.haproxy.mcp_server.app import build_app
from ansible_collections.inouter.haproxy.mcp_server.configuration.options import Options
from ansible_collections.inouter.haproxy.mcp_server.tools.build import entries, offered

ENTRIES = {entry.name: entry for entry in entries()}


def test_the_35_tools() -> None:
    assert len(ENTRIES) == 35 and all(name.startswith("haproxy_") for name in ENTRIES)
    counts = {entry.toolset: 0 for entry in ENTRIES.values()}
    for entry in ENTRIES.values():
        counts[entry.toolset] += 1
    assert list(counts.values()) == [3, 8, 3, 4, 4, 7, 6]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_arguments_that_all_share(name: str) -> None:
    entry = ENTRIES[name]
    tool = next(t for t in TOOLS if t.name == name)
    found = set(tool.input_schema["properties"])
    assert "target" in found
    assert entry.writes == ({"dry_run", "plan_id"} <= found)
    assert entry.destructive == ("confirm" in found)
    assert entry.writes or not found & {"dry_run", "plan_id", "confirm"}


TOOLS = asyncio.run(build_app(Options()).mcp.list_tools())


def test_switches() -> None:
    names = [entry.name for entry in offered(Options(read_only=True))]
    assert len(names) == 16 and not any(ENTRIES[name].writes for name in names)
    kept = list(offered(Options(disable_destructive=True)))
    assert not any(entry.destructive for entry in kept) and any(entry.writes for entry in kept)
    only = list(offered(Options(toolsets=("health",))))
    assert {entry.toolset for entry in only} == {"health"} and len(only) == 3


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("haproxy_list_servers", {}, "domain: this argument is needed."),
        ("haproxy_health", {"domian": "x"}, "domian: there is no such argument."),
        ("haproxy_list_domains", {"limit": "5"}, "limit: Input should be a valid integer."),
        ("haproxy_list_domains", {"limit": 0}, "limit: Input should be greater than"),
        ("haproxy_stats", {"section": "x"}, "section: Input should be 'process'"),
        ("haproxy_backends", {"cursor": "x"}, "cursor: use the next_cursor"),
        ("haproxy_drift", {"cursor": "x"}, "cursor: use the next_cursor"),
        ("haproxy_history", {"section": "x"}, "section: Input should be 'changes'"),
    ],
    ids=["missing", "unknown", "text", "range", "choice", "cursor", "offset", "section"],
)
def test_words_for_bad_arguments(tool: str, arguments: dict[str, Any], words: str) -> None:
    async def call() -> Any:
        async with Client(build_app(Options(read_only=True)).mcp) as client:
            return await client.call_tool(tool, arguments)

    result = asyncio.run(call())
    assert result.is_error and result.content[0].text.startswith(words)
    assert "pydantic" not in result.content[0].text
