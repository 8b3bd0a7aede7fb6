# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server that answers with the headers that it got, as JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import ports
from .http import Address


class Echo(BaseHTTPRequestHandler):
    """Answers every request."""

    def do_GET(self) -> None:
        """Send the headers back."""
        body = json.dumps(
            {k.lower(): ", ".join(self.headers.get_all(k, [])) for k in self.headers}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@contextmanager
def echoing() -> Iterator[Address]:
    """Run one; its address."""
    server = ThreadingHTTPServer((ports.loopback(), 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ports.loopback(), server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
