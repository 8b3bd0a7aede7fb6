# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle for desktop clients and the registry's entry: valid, true, and they work."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tools import mcp_bundle

from .lab import mcp
from .lab import node as lab_node
from .lab.clients import TypeScript
from .lab.managed import ROOT, Managed
from .lab.node import Node
from .lab.registry import SERVER

MANIFEST = ROOT / "mcpb/manifest.json"


@pytest.fixture(scope="module")
def node() -> Node:
    """Give Node with the bundles' own program."""
    return lab_node.require()


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_manifest_is_valid(node: Node) -> None:
    """For the program that packs bundles."""
    done = node.run("mcpb", "validate", MANIFEST)
    assert done.returncode == 0, done.stdout + done.stderr


def test_registry_entry() -> None:
    """Valid as soon as a release adds the digest of its bundle."""
    entry = loaded(ROOT / "server.json")
    (package,) = entry["packages"]
    assert package["identifier"].endswith(f"/{loaded(MANIFEST)['name']}.mcpb")
    package["fileSha256"] = hashlib.sha256(mcp_bundle.bundle()).hexdigest()
    jsonschema.validate(entry, SERVER)


@pytest.mark.haproxy("3.2")
@pytest.mark.timeout(300)
def test_bundle_works(node: Node, managed: Managed, tmp_path: Path) -> None:
    """Unpacked as a desktop client does it, it changes HAProxy with nothing of this checkout."""
    bundle, folder = tmp_path / "haproxy-mcp.mcpb", tmp_path / "unpacked"
    bundle.write_bytes(mcp_bundle.bundle())
    done = node.run("mcpb", "unpack", bundle, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    variables = mcp.host_variables(managed, None, sys.executable)
    inventory = mcp.write_inventory(tmp_path, {"lb1": variables})
    wish = {"domain": "bundle.test", "ip": "127.0.0.1"}
    adding = ("callTool", {"name": "haproxy_add_domain", "arguments": wish})
    server = as_installed(folder, inventory=str(inventory))
    (added,) = TypeScript(2, "auto").ask(node, server, [adding])["answers"]
    assert added["structuredContent"]["changed"], added
    assert "bundle.test" in managed.runtime_map()


def as_installed(folder: Path, **given: str) -> dict[str, Any]:
    """How a client starts what the manifest describes; this Python stands for the one of uv."""
    manifest = loaded(folder / "manifest.json")
    words = {"__dirname": str(folder)}
    for name, option in manifest["user_config"].items():
        value = given.get(name, option.get("default"))
        words[f"user_config.{name}"] = value if isinstance(value, str) else json.dumps(value)

    def filled(text: str) -> str:
        for name, value in words.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    config = manifest["server"]["mcp_config"]
    *uv, program = [config["command"], *map(filled, config["args"][:4])]
    assert [*uv, program] == ["uv", "run", "--directory", str(folder), "python"]
    environment = {name: filled(value) for name, value in config["env"].items()}
    kept = {"PATH": mcp.environment()["PATH"], "HOME": mcp.environment()["HOME"]}
    command = [sys.executable, *map(filled, config["args"][4:])]
    return {"command": command, "environment": {**kept, **environment}, "folder": str(folder)}
