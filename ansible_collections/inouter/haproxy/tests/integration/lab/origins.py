# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers behind the load balancer: many fast ones in one process, and a slow one."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from . import children
from .ports import free_ports, loopback
from .process import answers

GLOBAL = """\
global
    nbthread 1
    stats socket {socket} mode 600 level admin
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
"""
FRONTEND = """\
frontend {name}
    bind {ip}:{port}
    http-request return status 200 content-type text/plain string "{answer}\\n"
"""


class Origins:
    """One HAProxy that is many origins; each answers with its name and a newline.

    What follows a dot in a name is not part of the answer: `a.1` and `a.2` are two that say `a`.
    """

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._socket = folder / "origins.sock"
        self._child: subprocess.Popen[bytes] | None = None
        self.addresses: dict[str, tuple[str, int]] = {}

    def add(self, name: str) -> tuple[str, int]:
        """Add an origin, before the start, on a loopback address and port of its own."""
        if name in self.addresses:
            raise ValueError(f"there is an origin called {name} already")
        pid = os.getpid()
        ip = f"127.{128 + len(self.addresses) % 127}.{pid >> 8 & 255}.{pid & 255}"
        self.addresses[name] = (ip, free_ports(1, ip)[0])
        return self.addresses[name]

    def start(self) -> None:
        """Start all origins and wait until they answer."""
        text = GLOBAL.format(socket=self._socket)
        for name, (ip, port) in self.addresses.items():
            answer = name.partition(".")[0]
            text += FRONTEND.format(name=name, answer=answer, ip=ip, port=port)
        config = self._folder / "origins.cfg"
        config.write_text(text)
        with (self._folder / "origins.log").open("wb") as log:
            self._child = children.spawn([self._binary, "-db", "-f", config], log)
        children.wait_until(lambda: answers(self._socket), 10, "the origins answer")

    def stop(self) -> None:
        """Stop all origins."""
        if self._child is not None:
            children.kill(self._child)


class SlowOrigin:
    """An origin whose every answer takes some time, and that counts its requests."""

    def __init__(self, seconds: float, body: str = "slow\n") -> None:
        self.seconds = seconds
        self.body = body
        self.requests = 0
        self._counting = threading.Lock()
        self._server = ThreadingHTTPServer((loopback(), 0), self._handler())
        self._server.daemon_threads = True
        self.address = (loopback(), int(self._server.server_address[1]))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                origin.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Count one request and answer it when the time is over."""
        with self._counting:
            self.requests += 1
        time.sleep(self.seconds)
        body = self.body.encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop to accept; answers that are under way are not waited for."""
        self._server.shutdown()
        self._server.server_close()
