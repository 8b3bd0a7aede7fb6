# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of the original system: its files, and a HAProxy that runs as they say."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from . import ports
from .http import Address
from .managed import Managed
from .process import HaproxyProcess

POOLS, SLOTS = 12, 10
CONFIG = """\
global
    stats socket {base}/run/admin.sock mode 600 level admin
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend http
    bind {host}:{port}
    http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.)
    http-request set-var(txn.pool) var(txn.host),map_str({base}/conf/domains.map)
    http-request set-var(txn.wild) var(txn.host),regsub('^[^.]+','*')
    http-request set-var(txn.pool) var(txn.wild),map_str({wild}) if !{{ var(txn.pool) -m found }}
    use_backend %[var(txn.pool)] if {{ var(txn.pool) -m found }}
    default_backend unknown
backend unknown
    http-request return status 404 content-type text/plain string "None.\\n"
"""

Server = dict[str, Any]


class Original(Managed):
    """It serves a.test and www.a.test from pool_3, b.test and *.w.test from pool_7."""

    def __init__(self, binary: Path, base_dir: Path, a: list[Server], b: list[Server]) -> None:
        self.base_dir = base_dir
        self.http: Address = (ports.loopback(), ports.free_ports(1)[0])
        self.process = HaproxyProcess(binary, base_dir)
        self.servers = {3: a, 7: b}
        for folder in ("conf/pools", "certs", "data", "run"):
            (base_dir / folder).mkdir(parents=True)
        self.write("domains.map", "a.test pool_3\nwww.a.test pool_3\nb.test pool_7\n")
        self.write("wildcards.map", "*.w.test pool_7\n")
        text = CONFIG.format(
            base=base_dir,
            wild=self.map_path("wildcards.map"),
            host=self.http[0],
            port=self.http[1],
        )
        self.write("haproxy.cfg", text + "".join(map(self._backend, range(1, POOLS + 1))))
        self.start()

    def _backend(self, pool: int) -> str:
        held = self.servers.get(pool, [])
        lines = [f"backend pool_{pool}\n"]
        for slot in range(1, SLOTS + 1):
            server = held[slot - 1] if slot <= len(held) else None
            address = f"{server['ip']}:{server['http_port']}" if server else "0.0.0.0:80 disabled"
            lines.append(f"    server pool_{pool}_{slot} {address}\n")
        return "".join(lines)

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder conf."""
        (self.base_dir / "conf" / name).write_text(text)

    def write_json(self) -> None:
        """Have the files of the system's first years: slots are strings there."""
        by_domain = {
            "a.test": {str(n): s for n, s in enumerate(self.servers[3], 1)},
            "b.test": [{"slot": n, **s} for n, s in enumerate(self.servers[7], 1)],
        }
        self.write("servers.json", json.dumps(by_domain))
        self.write("certificates.json", json.dumps({"certificates": []}))

    def write_database(self, **columns: str) -> None:
        """Have its database, with these columns instead of those of the same meaning."""
        names = {"backend": "backend", "port": "http_port", "shares": "shares_with", **columns}
        path = self.base_dir / "conf/haproxy_mcp.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(
                "CREATE TABLE domains (id INTEGER PRIMARY KEY, domain TEXT UNIQUE,"
                f" {names['backend']} TEXT, is_wildcard INTEGER, {names['shares']} TEXT)"
            )
            db.execute(
                f"CREATE TABLE servers (id INTEGER PRIMARY KEY, {names['backend']} TEXT,"
                f" slot INTEGER, ip TEXT, {names['port']} INTEGER)"
            )
            db.execute("CREATE TABLE certificates (domain TEXT PRIMARY KEY, added_at TEXT)")
            rows = [("a.test", 3, 0, None), ("www.a.test", 3, 0, "a.test")]
            rows += [("b.test", 7, 0, None), ("*.w.test", 7, 1, "b.test")]
            for domain, pool, wild, shares in rows:
                row = (domain, f"pool_{pool}", wild, shares)
                db.execute("INSERT INTO domains VALUES (NULL, ?, ?, ?, ?)", row)
            for pool, held in self.servers.items():
                for slot, server in enumerate(held, 1):
                    values = (f"pool_{pool}", slot, server["ip"], server["http_port"])
                    db.execute("INSERT INTO servers VALUES (NULL, ?, ?, ?, ?)", values)
            db.commit()
