# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything around one MCP server: a managed HAProxy behind real SSH, origins, an inventory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from .http import Answer
from .mcp import McpServer, host_variables, write_inventory
from .origins import Origins
from .secured import Secured
from .sshd import Sshd

# As on a real host: the distribution's own Python. Certificates need its cryptography.
HOST_PYTHON = "/usr/bin/python3"


class Call(NamedTuple):
    """A row of the audit."""

    caller: str
    tool: str
    arguments: str
    outcome: str
    message: str


class McpSite:
    """One host `lb1` that serves HTTP and HTTPS, and the MCP server for it.

    :param python: the host's Python
    """

    def __init__(
        self,
        binary: Path,
        origin_binary: Path,
        sshd: Sshd,
        folder: Path,
        python: str = HOST_PYTHON,
        **environment: str,
    ) -> None:
        self.managed = Secured(binary, folder / "lb1", pools=20, slots=10)
        (folder / "origins").mkdir()
        self.origins = Origins(origin_binary, folder / "origins")
        for name in ("one", "two", "three"):
            self.origins.add(name)
        self.origins.start()
        self.sshd = sshd
        self.variables = host_variables(self.managed, sshd, python)
        self.inventory = write_inventory(folder, {"lb1": self.variables})
        self.server = McpServer(folder / "mcp", "--inventory", self.inventory, **environment)
        self.server.start()

    def stop(self) -> None:
        """End everything."""
        self.server.stop()
        self.origins.stop()
        self.managed.process.stop()

    def ok(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a tool and return the one host's part of its answer."""
        answer = self.server.call(tool, **arguments)
        (found,) = answer["hosts"]
        assert found["host"] == "lb1"
        return dict(found)

    def changed(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The same for a tool that has to change something, and to prove it."""
        found = self.ok(tool, **arguments)
        assert found["changed"] and found["persisted"] and found["applied"] and found["verified"]
        return found

    def origin(self, name: str) -> dict[str, Any]:
        """An origin as the `ip` and `http_port` of a server."""
        ip, port = self.origins.addresses[name]
        return {"ip": ip, "http_port": port}

    def get(self, host: str) -> Answer:
        """Ask HAProxy for a host."""
        return self.managed.get(host)

    def served(self, domain: str) -> str | None:
        """The fingerprint of the certificate that a client gets, or None."""
        return self.managed.served(domain)

    def worker(self) -> int | None:
        """The process id of HAProxy's worker."""
        return self.managed.process.worker()

    def slot(self, name: str) -> dict[str, str]:
        """A server as `show stat` has it."""
        return self.managed.slot(name)

    def calls(self) -> list[Call]:
        """The audit, the oldest call first."""
        path = self.managed.base_dir / "conf/haproxy_mcp.db"
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT caller, tool, arguments, outcome, message FROM audit ORDER BY number"
            return [Call(*row) for row in connection.execute(query)]
