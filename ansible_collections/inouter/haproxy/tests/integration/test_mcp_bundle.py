# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle for desktop clients and the registry's entry: valid, true, and they work."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.inouter.haproxy.mcp_server.tools import build
from tools import pack_mcpb

from .lab import mcp
from .lab import node as lab_node
from .lab.clients import TypeScript
from .lab.managed import COLLECTION, ROOT, Managed
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


def test_manifest_names_the_tools() -> None:
    """All of them, in their order, by their titles."""
    named = [(tool["name"], tool["description"]) for tool in loaded(MANIFEST)["tools"]]
    assert named == [(entry.name, entry.title) for entry in build.entries()]


def test_one_version() -> None:
    """The collection's version is everywhere."""
    project = tomllib.loads((ROOT / "mcpb/pyproject.toml").read_text())["project"]
    versions = {loaded(path)["version"] for path in (MANIFEST, ROOT / "server.json")}
    collection = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"]
    assert versions | {project["version"]} == {collection}


def test_registry_entry(tmp_path: Path) -> None:
    """As it is in the repository, and as a release has it: with the hash of its bundle."""
    jsonschema.validate(loaded(ROOT / "server.json"), SERVER)
    bundle = pack_mcpb.pack(tmp_path)
    entry = loaded(tmp_path / "server.json")
    jsonschema.validate(entry, SERVER)
    (package,) = entry["packages"]
    assert package["fileSha256"] == hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert package["identifier"].endswith(f"/v{entry['version']}/{bundle.name}")


@pytest.mark.haproxy("3.2")
@pytest.mark.timeout(300)
def test_bundle_works(node: Node, managed: Managed, tmp_path: Path) -> None:
    """Unpacked as a desktop client does it, it changes HAProxy with nothing of this checkout."""
    bundle, folder = pack_mcpb.pack(tmp_path), tmp_path / "unpacked"
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
