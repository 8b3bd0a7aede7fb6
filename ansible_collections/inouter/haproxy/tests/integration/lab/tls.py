# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS handshakes and HTTPS requests that show what was served, or the alert."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .http import Address


class Handshake(NamedTuple):
    """What a server did when it was asked for a name."""

    fingerprint: str = ""
    """The SHA-256 fingerprint of the served certificate, or nothing."""
    alpn: str = ""
    """The protocol that was agreed on."""
    error: str = ""
    """The alert or other failure; nothing when all went well."""


class HttpsAnswer(NamedTuple):
    """What a server answered over TLS."""

    status: int
    body: str
    fingerprint: str
    headers: dict[str, str]


def _context(cafile: Path | None, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """Believe the file's authority alone; with no file believe everybody."""
    context = ssl.create_default_context(cafile=cafile)
    if cafile is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def _fingerprint(connection: ssl.SSLSocket) -> str:
    return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def handshake(
    addr: Address,
    sni: str | None,
    alpn: Sequence[str] = (),
    cafile: Path | None = None,
    timeout: float = 5,
) -> Handshake:
    """Ask for a name, or for none, and tell what was served; with `cafile` verify it, too."""
    try:
        with (
            socket.create_connection(addr, timeout=timeout) as plain,
            _context(cafile, alpn).wrap_socket(plain, server_hostname=sni) as connection,
        ):
            return Handshake(_fingerprint(connection), connection.selected_alpn_protocol() or "")
    except ssl.SSLCertVerificationError as error:
        return Handshake(error=error.verify_message)
    except ssl.SSLError as error:
        return Handshake(error=error.reason or str(error))
    except OSError as error:
        return Handshake(error=f"{type(error).__name__}: {error}")


def get(
    addr: Address, host: str, path: str = "/", cafile: Path | None = None, timeout: float = 5
) -> HttpsAnswer:
    """Send one HTTPS request; raise OSError when the handshake or the connection fails."""
    connection = http.client.HTTPConnection(*addr, timeout=timeout)
    with socket.create_connection(addr, timeout=timeout) as plain:
        secure = _context(cafile).wrap_socket(plain, server_hostname=host)
        with secure:
            served = _fingerprint(secure)
            connection.sock = secure
            connection.request("GET", path, headers={"Host": host, "Connection": "close"})
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return HttpsAnswer(answer.status, body, served, headers)
