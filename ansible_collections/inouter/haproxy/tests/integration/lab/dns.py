# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An authoritative DNS server that takes RFC 2136 updates signed with a TSIG key."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

from . import children, programs
from .ports import free_ports, loopback

ZONES = ("example.test", "example.internal")
CONFIG = """\
server:
    rundir: {folder}
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {folder}/db
    journal-db-max-size: 16M
    kasp-db-max-size: 16M
    timer-db-max-size: 16M
    catalog-db-max-size: 16M
log:
  - target: stdout
    any: info
key:
  - id: {key_name}
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: update
    key: {key_name}
    action: update
template:
  - id: default
    storage: {folder}
    file: "%s.zone"
    acl: update
    zonefile-sync: -1
    journal-content: changes
zone:
{zones}"""
# Every name of a zone is this machine, so that http-01 can be tested, too.
ZONE = """\
$ORIGIN {zone}.
$TTL 0
@ SOA ns hostmaster 1 3600 600 86400 0
@ NS ns
@ A {address}
* A {address}
"""


class DnsServer:
    """Zones on loopback; their updates need the key of `key_file`."""

    key_name = "acme"

    def __init__(self, folder: Path, zones: tuple[str, ...] = ZONES) -> None:
        self._program = programs.require("knotd")
        self.nsupdate = programs.require("nsupdate")
        self.folder = folder.absolute()
        self.zones = zones
        self.address = (loopback(), free_ports(1)[0])
        self.key_file = self.folder / "tsig.key"
        self._secret = base64.b64encode(os.urandom(32)).decode()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Write the files, start the server and wait until all zones can be asked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "db").mkdir(exist_ok=True)
        self._write_files()
        with (self.folder / "knot.log").open("wb") as log:
            config = self.folder / "knot.conf"
            self._child = children.spawn([self._program, "-c", config], log)
        children.wait_until(self._ready, 20, "the DNS server has loaded its zones")

    def _write_files(self) -> None:
        """Write zones, configuration and key."""
        ip, port = self.address
        for zone in self.zones:
            text = ZONE.format(zone=zone, address=ip)
            (self.folder / f"{zone}.zone").write_text(text)
        names = {"folder": self.folder, "address": ip, "port": port, "key_name": self.key_name}
        listed = "".join(f"  - domain: {zone}\n" for zone in self.zones)
        text = CONFIG.format(**names, secret=self._secret, zones=listed)
        (self.folder / "knot.conf").write_text(text)
        self.key_file.touch(mode=0o600)
        key = f'algorithm hmac-sha256; secret "{self._secret}";'
        self.key_file.write_text(f'key "{self.key_name}" {{ {key} }};\n')

    def _ready(self) -> bool:
        if self._child is None or self._child.poll() is not None:
            raise RuntimeError(f"the DNS server ended:\n{self.log}")
        return "server started" in self.log.lower()

    @property
    def log(self) -> str:
        """All that the server wrote."""
        return (self.folder / "knot.log").read_text(errors="replace")

    @property
    def resolver(self) -> str:
        """The server as `ip:port`."""
        return f"{self.address[0]}:{self.address[1]}"

    def update(self, *lines: str) -> None:
        """Send update lines such as `update add NAME 0 A ADDRESS`; raise when one is refused."""
        words = [f"server {self.address[0]} {self.address[1]}", *lines, "send", ""]
        subprocess.run(
            [self.nsupdate, "-k", self.key_file],
            input="\n".join(words),
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )

    def acme_environment(self) -> dict[str, str]:
        """What acme.sh's `dns_nsupdate` wants to know; `nsupdate` must be on its PATH as well."""
        return {
            "NSUPDATE_SERVER": self.address[0],
            "NSUPDATE_SERVER_PORT": str(self.address[1]),
            "NSUPDATE_KEY": str(self.key_file),
        }

    def stop(self) -> None:
        """End the server."""
        if self._child is not None:
            children.stop(self._child)
