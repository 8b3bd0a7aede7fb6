# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls."""

from __future__ import annotations

import getpass
from typing import NamedTuple

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.requests import Request

from .tokens import READ, SCOPES, WRITE, Token


class Identity(NamedTuple):
    """A caller as the audit names it."""

    name: str
    scopes: tuple[str, ...]

    @property
    def may_write(self) -> bool:
        """Whether the caller may change anything."""
        return WRITE in self.scopes


def of_token(token: Token) -> AuthenticatedUser:
    """The SDK's user for a token."""
    return AuthenticatedUser(
        AccessToken(token="", client_id=f"token {token.name}", scopes=list(token.scopes))
    )


def of_network(address: str) -> AuthenticatedUser:
    """The SDK's user for a caller from a trusted network."""
    return AuthenticatedUser(
        AccessToken(token="", client_id=f"trusted {address}", scopes=list(SCOPES))
    )


def caller(request: Request | None) -> Identity:
    """Who made the request; without one it is the user who started the server on stdio."""
    if request is None:
        return Identity(f"stdio {_login()}", SCOPES)
    user = request.scope.get("user")
    if not isinstance(user, AuthenticatedUser):
        return Identity("nobody", (READ,))
    place = f" from {request.client.host}" if request.client else ""
    name = user.access_token.client_id
    return Identity(name if name.startswith("trusted ") else f"{name}{place}", tuple(user.scopes))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
