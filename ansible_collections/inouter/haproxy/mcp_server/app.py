# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application: one MCP server for HTTP and stdio, and for both eras of the protocol."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from mcp.server.caching import CacheHint
from mcp.server.mcpserver import MCPServer
from mcp.server.request_state import RequestStateSecurity
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from . import completion, logs, prompts, resources
from .configuration.options import Options
from .protocol import UnknownNames
from .security.guard import Access, Guard, transport_security
from .security.tokens import Tokens
from .site import Site
from .tools import build
from .tools.refusals import refused
from .tools.writing import READ_ONLY

NAME = "haproxy"
MINUTE = 60_000
INSTRUCTIONS = (
    "Manages the domains, servers and certificates of running HAProxy hosts with no reload. Start"
    " with haproxy_health and haproxy_list_domains. Every tool that changes something takes"
    " dry_run, which shows the change, and answers what is persisted, applied and verified. Tools"
    " that remove or replace something ask the user, or need confirm=true."
)


class App(NamedTuple):
    """A server that is built and not yet started; whoever serves `mcp` starts the site too."""

    options: Options
    site: Site
    mcp: MCPServer[None]

    def http(self) -> ASGIApp:
        """The ASGI application: `/mcp`, `/healthz` and `/metrics`, behind the guard."""
        options = self.options
        served = self.mcp.streamable_http_app(
            streamable_http_path="/mcp",
            host=options.host,
            max_request_body_size=options.body_limit,
            transport_security=transport_security(options),
        )
        writing = frozenset(entry.name for entry in build.entries() if entry.writes)
        tokens = Tokens(options.tokens_file, options.tokens)
        access = Access(tokens, options.trusted_networks, writing)
        return Guard(served, options, access, self._count, self._forbidden)

    def _count(self, status: str) -> None:
        self.site.metrics.refused.labels(status).inc()

    async def _forbidden(self, caller: str, tool: str, arguments: dict[str, Any]) -> None:
        await refused(self.site, caller, tool, arguments, READ_ONLY)


def build_app(options: Options) -> App:
    """Build the server; raises ConfigurationProblem."""
    site = Site(options)

    @contextlib.asynccontextmanager
    async def lifespan(_server: MCPServer[None]) -> AsyncIterator[None]:
        async with site.open():
            yield

    mcp: MCPServer[None] = MCPServer(
        NAME,
        title="HAProxy",
        description="Domains, servers and certificates of running HAProxy hosts, with no reload",
        instructions=INSTRUCTIONS,
        version=version(),
        website_url="https://github.com/inouter/ansible-haproxy",
        tools=[build.tool_of(entry, site) for entry in build.offered(options)],
        lifespan=lifespan,
        request_state_security=_sealing(options),
        cache_hints=_cache_hints(),
        log_level=options.log_level,  # type: ignore[arg-type]
    )
    mcp.middleware.append(UnknownNames(mcp))
    resources.add(mcp, site)
    prompts.add(mcp)
    completion.add(mcp, site)
    logs.add(mcp)
    _add_routes(mcp, site)
    return App(options, site, mcp)


def _sealing(options: Options) -> RequestStateSecurity | None:
    """Replicas share keys, so that any of them can take up a question that another has asked."""
    keys = [key.encode() for key in options.state_keys]
    return RequestStateSecurity(keys=keys) if keys else None


def _cache_hints() -> Any:
    """Lists change only with a restart; what HAProxy holds may change at any time."""
    lists = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
    return {name: CacheHint(ttl_ms=5 * MINUTE, scope="private") for name in lists}


def _add_routes(mcp: MCPServer[None], site: Site) -> None:
    @mcp.custom_route("/healthz", methods=["GET"])
    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @mcp.custom_route("/metrics", methods=["GET"])
    async def metrics(_request: Request) -> Response:
        for host, starts in site.reads.connected().items():
            site.metrics.starts.labels(host).set(starts)
        return Response(site.metrics.text(), media_type=site.metrics.content_type)


def version() -> str:
    """The collection's version."""
    collection = Path(__file__).parents[1]
    manifest = collection / "MANIFEST.json"
    if manifest.exists():
        installed: str = json.loads(manifest.read_text())["collection_info"]["version"]
        return installed
    checkout: str = yaml.safe_load((collection / "galaxy.yml").read_text())["version"]
    return checkout
