# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the official conformance suite, and servers for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..mcp import McpServer
from ..node import Node
from ..ports import free_ports

# The suite tries foreign Host headers only at an address that it knows as this machine's own.
ADDRESS = "127.0.0.1"
SCORED = {"2025-11-25": 30, "2026-07-28": 37}
NONE = Path(__file__).parent / "no_failures.yml"


def fixtures_needed(revision: str) -> Path:
    """The baseline of the server without fixtures."""
    return Path(__file__).parent / f"fixtures_needed_{revision}.yml"


class ProductServer(McpServer):
    """The server as it is; the suite can send no token."""

    def __init__(self, folder: Path, inventory: Path) -> None:
        trusting = ("--inventory", inventory, "--trusted-networks", "127.0.0.0/8")
        super().__init__(folder, *trusting, "--rate-limit", "100000", "--no-converge")
        self.address = (ADDRESS, free_ports(1, ADDRESS)[0])


class FixtureServer(ProductServer):
    """The same application with the suite's fixtures."""

    module = __package__ or ""


class Check(NamedTuple):
    """One check that failed."""

    scenario: str
    name: str
    message: str


class Run(NamedTuple):
    """How a run of the suite ended.

    :param scenarios: how many were run, scored or not
    """

    code: int
    said: str
    scenarios: int
    failed: tuple[Check, ...]


def run(node: Node, server: McpServer, revision: str, folder: Path, baseline: Path) -> Run:
    """Run every server scenario that a revision requires; with a baseline warnings count, too."""
    required = ("--url", server.url, "--requirements", revision, "--timeout", "100000")
    done = node.run(
        "conformance", "server", *required, "--expected-failures", baseline, "-o", folder
    )
    results = sorted(folder.glob("*/checks.json"))
    failed = tuple(check for path in results for check in _failed(path))
    return Run(done.returncode, done.stdout + done.stderr, len(results), failed)


def _failed(path: Path) -> Iterator[Check]:
    scenario = path.parent.name.removeprefix("server-").rpartition("-20")[0]
    for check in json.loads(path.read_text()):
        if check["status"] == "FAILURE":
            yield Check(scenario, check["id"], check.get("errorMessage", ""))
