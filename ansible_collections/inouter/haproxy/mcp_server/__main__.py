# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m ansible_collections.inouter.haproxy.mcp_server [http|stdio]`, or `token new NAME`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

import uvicorn

from .app import App, build_app
from .configuration.options import Options, parse
from .problems import ConfigurationProblem
from .security import tokens

# At DEBUG these would write down what callers send.
TALKATIVE = ("mcp", "sse_starlette", "paramiko", "uvicorn", "asyncio")
GRACE_SECONDS = 10


def main(arguments: Sequence[str]) -> int:
    """Run the server until it is stopped; the exit code."""
    if arguments[:1] == ["token"]:
        return _token(arguments[1:])
    try:
        options = parse(arguments)
        _log(options.log_level)
        app = build_app(options)
        return serve_http(app) if options.transport == "http" else _stdio(app)
    except ConfigurationProblem as problem:
        print(f"haproxy mcp server: {problem}", file=sys.stderr)
        return 2


def _log(level: str) -> None:
    """Log to standard error: on stdio, standard output is the protocol's alone."""
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level, format=form, stream=sys.stderr)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    logging.getLogger("paramiko").setLevel(logging.ERROR)


def _stdio(app: App) -> int:
    asyncio.run(app.mcp.run_stdio_async())
    return 0


def serve_http(app: App) -> int:
    """Serve over HTTP until stopped; the exit code. Raises ConfigurationProblem."""
    options = app.options
    _require_callers(options)
    config = uvicorn.Config(
        app.http(),
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # Who calls is who connects: anybody can write such a header.
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def _require_callers(options: Options) -> None:
    if not tokens.Tokens(options.tokens_file, options.tokens) and not options.trusted_networks:
        raise ConfigurationProblem(
            "nobody could call this server. Make a token with 'token new NAME' and name its file"
            " with --tokens-file, or trust a network with --trusted-networks, such as"
            " 127.0.0.0/8 for this machine."
        )


def _token(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="mcp_server token", description="Make a token.")
    parser.add_argument("action", choices=("new",))
    parser.add_argument("name", help="whom it is for; the audit shows it")
    parser.add_argument("--scopes", default="read,write", choices=("read", "read,write"))
    given = parser.parse_args(arguments)
    token = tokens.new()
    line = tokens.line_of(given.name, token, given.scopes.split(","))
    print(token)
    print(f"Give the line above to the caller. Put this one into the tokens file:\n{line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
