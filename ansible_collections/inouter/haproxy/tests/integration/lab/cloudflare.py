# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of Cloudflare's API as acme.sh's `dns_cf` uses, in front of the DNS server."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .dns import DnsServer
from .pki import Authority
from .ports import free_ports, loopback

API = "api.cloudflare.com"
Json = dict[str, Any]


class Cloudflare:
    """An HTTPS server on loopback that believes one token.

    `home` is a HOME in which curl takes it for the real one, so that no request leaves this host.
    """

    def __init__(self, folder: Path, dns: DnsServer, token: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.dns, self.token = dns, token
        self.address = (loopback(), free_ports(1)[0])
        self.records: dict[str, tuple[str, str]] = {}
        self.requests: list[str] = []
        authority = Authority("cloudflare")
        self.ca = authority.root
        pem = authority.issue(API).write(folder / "cloudflare.pem")
        self.home = folder / "home"
        self.home.mkdir()
        target = "{}:{}".format(*self.address)
        (self.home / ".curlrc").write_text(f'connect-to = "{API}:443:{target}"\n')
        self._server = _Server(self)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def bundle(self, path: Path, *others: Path) -> Path:
        """Write a file with the authorities of this server and of others."""
        path.write_text(self.ca + "".join(other.read_text() for other in others))
        return path

    def answer(self, method: str, address: str, body: Json) -> Json:
        """Do what a request asks for; the zone's name is its id, too."""
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        words = path.removeprefix("/client/v4/zones").strip("/").split("/")
        if words == [""]:
            zones = [zone for zone in self.dns.zones if zone in query.get("name", [])]
            return _list([{"id": zone, "name": zone} for zone in zones])
        if method == "POST":
            return self._add(body["name"], body["content"])
        if method == "DELETE":
            return self._remove(words[-1])
        wanted = (query.get("name"), query.get("content"))
        found = [key for key, pair in self.records.items() if ([pair[0]], [pair[1]]) == wanted]
        return _list([{"id": key, "content": self.records[key][1]} for key in found])

    def _add(self, name: str, content: str) -> Json:
        key = f"record{len(self.requests)}"
        self.records[key] = (name, content)
        self.dns.update(f'update add {name}. 0 TXT "{content}"')
        return {"success": True, "result": {"id": key, "content": content}}

    def _remove(self, key: str) -> Json:
        name, content = self.records.pop(key)
        self.dns.update(f'update delete {name}. TXT "{content}"')
        return {"success": True, "result": {"id": key}}


def _list(result: list[Json]) -> Json:
    return {"success": True, "result": result, "result_info": _counts(len(result))}


def _counts(count: int) -> Json:
    return {"count": count, "total_count": count}


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, owner: Cloudflare) -> None:
        super().__init__(owner.address, _Handler)
        self.owner = owner


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def _handle(self) -> None:
        owner = self.server.owner
        owner.requests.append(f"{self.command} {self.path}")
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        if self.headers.get("Authorization") == f"Bearer {owner.token}":
            self._send(200, owner.answer(self.command, self.path, body))
        else:
            error = {"code": 10000, "message": "Authentication error"}
            self._send(403, {"success": False, "errors": [error], "result": None})

    do_GET = do_POST = do_DELETE = _handle

    def _send(self, status: int, content: Json) -> None:
        # acme.sh reads it with sed, and so as Cloudflare writes it: with no blanks.
        text = json.dumps(content, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
