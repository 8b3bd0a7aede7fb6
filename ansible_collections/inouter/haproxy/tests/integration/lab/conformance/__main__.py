# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's own application, with the fixtures of the official conformance suite added.

The suite calls tools, prompts and resources of fixed names, which no product has. The names and
what they answer are in the descriptions of its scenarios.
"""

from __future__ import annotations

import logging
import sys

from ansible_collections.inouter.haproxy.mcp_server.__main__ import serve_http
from ansible_collections.inouter.haproxy.mcp_server.app import build_app
from ansible_collections.inouter.haproxy.mcp_server.configuration.options import parse

from . import contents, input_required, legacy, prompts, streams


def main() -> int:
    """Serve until stopped; the arguments are the server's."""
    logging.basicConfig(level="WARNING")
    app = build_app(parse(sys.argv[1:]))
    for fixtures in (contents, prompts, streams, legacy, input_required):
        fixtures.add(app.mcp)
    return serve_http(app)


if __name__ == "__main__":
    sys.exit(main())
