# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A managed HAProxy with an ACME authority, a DNS server and acme.sh, set up as the role does."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from . import ports
from .acme import AcmeSh, Pebble
from .dns import DnsServer
from .managed import Managed
from .tls import handshake


class AcmeSite:
    """A running HAProxy with HTTPS, an authority and a DNS server, and acme.sh set up."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.https = (ports.loopback(), ports.free_ports(1)[0])
        bind = f"{self.https[0]}:{self.https[1]}"
        self.managed = Managed(binary, folder / "lb", haproxy_https_binds=[bind])
        self.managed.module("haproxy_instance", https=bind)
        self.dns = DnsServer(folder / "dns")
        self.dns.start()
        self.pebble = Pebble(folder / "pebble", self.dns, http_port=self.managed.http[1])
        self.pebble.start()
        self.acme = AcmeSh(folder / "home", self.pebble, self.dns)
        self._configure(folder)
        self.managed.start()

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
        (self.managed.base_dir / "conf/acme.json").write_text(json.dumps(settings))

    def served(self, domain: str) -> str | None:
        """The fingerprint that a client gets."""
        return handshake(self.https, domain).fingerprint or None

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
