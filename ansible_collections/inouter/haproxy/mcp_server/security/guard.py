# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before every HTTP route: hosts, origins, size, who calls, how often, scopes."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Awaitable, Callable, Collection
from typing import Any, NamedTuple

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.transport_security import (
    RequestBodyLimitMiddleware,
    TransportSecurityMiddleware,
    TransportSecuritySettings,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..configuration.options import Network, Options
from . import identity
from .limits import RateLimit
from .tokens import READ, SCOPES, WRITE, Tokens

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
OPEN_PATHS = ("/healthz",)
BAD_TOKENS_A_MINUTE = 60
Refused = Callable[[str], None]
"""Counts a refusal under its HTTP status."""
Forbidden = Callable[[str, str, dict[str, Any]], Awaitable[None]]
"""Writes down that this caller may not call this tool with these arguments."""


def transport_security(options: Options) -> TransportSecuritySettings:
    """The Host and Origin values that are allowed: loopback's, and those that are configured."""
    hosts = [*LOOPBACK, *options.allowed_hosts]
    origins = [f"http://{host}" for host in LOOPBACK]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[word for host in hosts for word in (host, f"{host}:*")],
        allowed_origins=[
            *(word for origin in origins for word in (origin, f"{origin}:*")),
            *options.allowed_origins,
        ],
    )


class Access(NamedTuple):
    """Who may call.

    :param writing: names of the tools that need the scope `write`
    """

    tokens: Tokens
    trusted: tuple[Network, ...]
    writing: Collection[str]

    def user(self, request: Request) -> AuthenticatedUser | None:
        """The caller, or None where the request does not show who that is."""
        kind, _space, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            token = self.tokens.find(text.strip())
            return identity.of_token(token) if token else None
        address = request.client.host if request.client else ""
        return identity.of_network(address) if self._trusts(address) else None

    def _trusts(self, address: str) -> bool:
        try:
            found: Any = ipaddress.ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.trusted)


class Guard:
    """Lets requests through to `app`, or answers them with 401, 403, 413, 421 or 429."""

    def __init__(
        self,
        app: ASGIApp,
        options: Options,
        access: Access,
        refused: Refused,
        forbidden: Forbidden,
    ) -> None:
        self._security = TransportSecurityMiddleware(transport_security(options))
        self._limited = RequestBodyLimitMiddleware(self._judged, options.body_limit)
        self._app = AuthContextMiddleware(app)
        self._access = access
        self._calls = RateLimit(options.rate_limit)
        self._strangers = RateLimit(BAD_TOKENS_A_MINUTE)
        self._refused = refused
        self._forbidden = forbidden

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = await self._security.validate_request(request) or self._identified(request)
        if answer is not None:
            self._count(answer)
            await answer(scope, receive, send)
            return
        await self._limited(scope, receive, self._counting(send))

    def _identified(self, request: Request) -> Response | None:
        """Put the user into the scope; the answer for those who are nobody, or too many."""
        if request.url.path in OPEN_PATHS:
            return None
        user = self._access.user(request)
        if user is None:
            wait = self._strangers.wait(request.client.host if request.client else "")
            return _too_many(wait) if wait else _unauthorized()
        request.scope["user"] = user
        wait = self._calls.wait(user.access_token.client_id)
        return _too_many(wait) if wait else None

    async def _judged(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The body is whole by now, and small enough to look at."""
        user = scope.get("user")
        if user is not None and WRITE not in user.scopes and scope["method"] == "POST":
            message = await receive()
            name, arguments = _called(message.get("body", b""))
            if name in self._access.writing:
                caller = identity.caller(Request(scope)).name
                await self._forbidden(caller, name, arguments)
                await _forbidden(name)(scope, receive, send)
                return
            receive = _replayed(message, receive)
        await self._app(scope, receive, send)

    def _counting(self, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (403, 413):
                self._refused(str(message["status"]))
            await send(message)

        return counted

    def _count(self, answer: Response) -> None:
        self._refused(str(answer.status_code))


def _replayed(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _called(body: bytes) -> tuple[str, dict[str, Any]]:
    """The tool that a request calls and its arguments, or nothing."""
    try:
        document = json.loads(body)
        if document["method"] != "tools/call":
            return "", {}
        params = document["params"]
        return str(params["name"]), dict(params.get("arguments") or {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", {}


def _unauthorized() -> Response:
    text = "Send a token of this server: 'Authorization: Bearer TOKEN'."
    return _bearer(401, "invalid_token", text, READ)


def _forbidden(tool: str) -> Response:
    text = f"{tool} changes HAProxy, and this token may only read."
    return _bearer(403, "insufficient_scope", text, " ".join(SCOPES))


def _bearer(status: int, error: str, text: str, scope: str) -> Response:
    challenge = f'Bearer error="{error}", error_description="{text}", scope="{scope}"'
    body = {"error": error, "error_description": text}
    return JSONResponse(body, status, {"WWW-Authenticate": challenge})


def _too_many(wait: float) -> Response:
    seconds = math.ceil(wait)
    text = f"Too many calls. Try again in {seconds} s.\n"
    return PlainTextResponse(text, 429, {"Retry-After": str(seconds)})
