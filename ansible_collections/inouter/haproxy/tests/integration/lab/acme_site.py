# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A managed HAProxy with an ACME authority, a DNS server and acme.sh, set up as the role does."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.plugin_utils.core_archive import core_archive

from .acme import AcmeSh, Pebble, render_hook
from .dns import DnsServer
from .secured import Secured


class AcmeSite:
    """A running HAProxy with HTTPS, an authority and a DNS server, and acme.sh set up."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.managed = Secured(binary, folder / "lb")
        self.dns = DnsServer(folder / "dns")
        self.dns.start()
        self.pebble = Pebble(folder / "pebble", self.dns, http_port=self.managed.http[1])
        self.pebble.start()
        self.acme = AcmeSh(folder / "home", self.pebble, self.dns)
        self._configure(folder)

    def _configure(self, folder: Path) -> None:
        """What the role acme writes."""
        secrets = folder / "credentials"
        lines = [f"{name} = {value}\n" for name, value in self.dns.acme_environment().items()]
        secrets.write_text("".join(lines))
        secrets.chmod(0o600)
        self.acme.home.mkdir(exist_ok=True)
        settings = {
            "program": str(self.acme.program),
            "home": str(self.acme.home),
            "server": self.pebble.directory_url,
            "ca_bundle": str(self.pebble.ca_file),
            "account_email": "",
            "dns": "dns_nsupdate",
            "dns_sleep": 0,
            "credentials_file": str(secrets),
        }
        base = self.managed.base_dir
        (base / "conf/acme.json").write_text(json.dumps(settings))
        (base / "lib").mkdir()
        (base / "lib/inouter-haproxy.pyz").write_bytes(core_archive())
        (self.acme.home / "deploy").mkdir()
        hook = self.acme.home / "deploy/inouter_haproxy.sh"
        render_hook(hook, base)

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run what the role puts on the host, with an environment as a timer has it."""
        command: list[str | Path] = [
            sys.executable,
            self.managed.base_dir / "lib/inouter-haproxy.pyz",
            *words,
        ]
        environment = {"PATH": self.acme.environment()["PATH"]}
        return subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, timeout=100
        )

    def make_due(self, name: str) -> None:
        """Let acme.sh think that the certificate is old."""
        conf = self.acme.home / f"{name}_ecc/{name}.conf"
        conf.write_text(re.sub("(NextRenewTime=)'.*'", r"\1'1'", conf.read_text()))

    def stop(self) -> None:
        """End everything."""
        self.managed.process.stop()
        self.pebble.stop()
        self.dns.stop()

    def history(self) -> list[tuple[str, str, str]]:
        """Action, outcome and message of each row."""
        path = self.managed.base_dir / "conf/haproxy_mcp.db"
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT action, outcome, message FROM history ORDER BY generation"
            return connection.execute(query).fetchall()
