# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official clients that are not Python's: the TypeScript client, old and new, the inspector."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from .mcp import McpServer
from .node import PINS, Node

Request = tuple[str, dict[str, Any]]
NO_TOKEN, TOOL_FAILED = 3, 5
"""What the inspector exits with."""


class TypeScript(NamedTuple):
    """A release of the TypeScript client.

    :param release: 1 speaks the revisions with a handshake alone
    :param mode: which of the protocol's eras: `auto` or `legacy`
    """

    release: int
    mode: str

    def ask(
        self, node: Node, server: dict[str, Any], requests: Sequence[Request], consent: bool = False
    ) -> dict[str, Any]:
        """Make one connection and these requests, and return what the client saw."""
        wish = {**self._asdict(), "server": server, "requests": requests, "consent": consent}
        done = node.run(PINS / "client.mjs", node.modules, json.dumps(wish))
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen


class Inspected(NamedTuple):
    """How a call of the inspector ended."""

    code: int
    result: Any
    said: str


def inspect(node: Node, server: McpServer, method: str, *more: str, token: str = "") -> Inspected:
    """Run the inspector's command line once; a token of the server's own unless one is given."""
    header = f"Authorization: Bearer {token or server.writer}"
    reached = (server.url, "--transport", "http", "--header", header)
    done = node.run("inspector", "--cli", *reached, "--method", method, "--format", "json", *more)
    result = json.loads(done.stdout)["result"] if done.stdout.strip() else None
    return Inspected(done.returncode, result, done.stderr)
