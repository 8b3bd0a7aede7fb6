# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published beside the code says the same as the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.app import version
from ansible_collections.inouter.haproxy.mcp_server.configuration.options import parser
from ansible_collections.inouter.haproxy.mcp_server.tools.build import entries

ROOT = Path(__file__).parents[6]
COLLECTION = Path(__file__).parents[3]
if not (ROOT / "server.json").exists():
    pytest.skip("this is no checkout of the repository", allow_module_level=True)
MANIFEST = json.loads((ROOT / "mcpb/manifest.json").read_text())
REGISTRY = json.loads((ROOT / "server.json").read_text())
DOCS = (ROOT / "docs/mcp.md").read_text()


def test_versions() -> None:
    collection = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"]
    project = (ROOT / "mcpb/pyproject.toml").read_text()
    assert {
        version(),
        MANIFEST["version"],
        REGISTRY["version"],
    } == {collection}
    assert f'version = "{collection}"' in project
    assert f"/v{collection}/" in REGISTRY["packages"][0]["identifier"]


def test_the_bundle_lists_the_tools() -> None:
    assert [tool["name"] for tool in MANIFEST["tools"]] == [entry.name for entry in entries()]


def test_the_bundle_needs_what_the_server_needs() -> None:
    lines = (COLLECTION / "mcp_server/requirements.txt").read_text().splitlines()
    needed = {line for line in lines if line and not line.startswith("#")}
    project = (ROOT / "mcpb/pyproject.toml").read_text()
    assert set(re.findall(r'^    "(.+)",$', project, re.MULTILINE)) == needed


def test_every_tool_and_option_is_documented() -> None:
    rows = [line for line in DOCS.splitlines() if line.startswith("| `")]
    for entry in entries():
        (row,) = [
            row
            for row in rows
            if f"`{entry.name}`" in row and row.startswith("| `" + entry.toolset)
        ]
        _toolset, reads, adds, replaces = row.strip("|").split("|")
        column = replaces if entry.destructive else adds if entry.writes else reads
        assert f"`{entry.name}`" in column
    for action in parser({})._actions:
        for option in set(action.option_strings) - {"-h", "--help"}:
            assert f"`{option}`" in DOCS, option
            variable = re.search(r"\((MCP_[A-Z_]+|LOG_LEVEL)", action.help or "")
            assert variable and f"`{variable[1]}`" in DOCS


def test_variables_of_the_registry_are_variables_of_the_server() -> None:
    listed = REGISTRY["packages"][0]["environmentVariables"]
    known = " ".join(str(action.help) for action in parser({})._actions)
    assert all(variable["name"] in known for variable in listed)
    assert set(MANIFEST["server"]["mcp_config"]["env"]) <= {v["name"] for v in listed}
