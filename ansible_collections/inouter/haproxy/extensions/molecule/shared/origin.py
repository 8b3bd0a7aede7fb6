# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server that answers with its name, and with what it was asked:  origin.py NAME PORT"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Origin(BaseHTTPRequestHandler):
    """Answers every request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = {name.lower(): value for name, value in self.headers.items()}
        text = json.dumps(asked) if self.path == "/headers" else sys.argv[1]
        body = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("", int(sys.argv[2])), Origin).serve_forever()
