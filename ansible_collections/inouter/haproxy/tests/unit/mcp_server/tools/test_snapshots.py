# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each tool tells its callers, one file a tool: a change of it is meant, and is seen.

`UPDATE_SNAPSHOTS=1` in the environment writes the files anew.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")

from ansible_collections.inouter.haproxy.mcp_server.app import build_app
from ansible_collections.inouter.haproxy.mcp_server.configuration.options import Options

SNAPSHOTS = Path(__file__).parent / "snapshots"
TOOLS = {tool.name: tool for tool in asyncio.run(build_app(Options()).mcp.list_tools())}


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_tool_is_as_it_was(name: str) -> None:
    shown = TOOLS[name].model_dump(mode="json", by_alias=True, exclude_none=True)
    path = SNAPSHOTS / f"{name}.json"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(json.dumps(shown, indent=2) + "\n")
    assert shown == json.loads(path.read_text()), "write it anew with UPDATE_SNAPSHOTS=1"


def test_no_tool_has_gone() -> None:
    assert sorted(path.stem for path in SNAPSHOTS.glob("*.json")) == sorted(TOOLS)
    assert len(TOOLS) == 35
