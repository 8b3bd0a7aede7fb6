# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/3 requests over QUIC."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamReset
from cryptography.hazmat.primitives.serialization import Encoding

from .http import Address


class Answer(NamedTuple):
    """What a server answered over HTTP/3."""

    status: int
    body: str
    fingerprint: str
    """The SHA-256 fingerprint of the served certificate."""
    headers: dict[str, str]


class _Client(QuicConnectionProtocol):
    """One connection for one request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._http = H3Connection(self._quic)
        self._headers: dict[str, str] = {}
        self._body = b""
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def shake_hands(self) -> None:
        """Wait until the connection is there; tell why when it is refused."""
        try:
            await self.wait_connected()
        except ConnectionError:
            if self._done.done():
                await self._done
            raise

    async def get(self, host: str, path: str) -> Answer:
        """Send a request and wait for its whole answer."""
        stream = self._quic.get_next_available_stream_id()
        pseudo = {":method": "GET", ":scheme": "https", ":authority": host, ":path": path}
        headers = [(name.encode(), value.encode()) for name, value in pseudo.items()]
        self._http.send_headers(stream, headers, end_stream=True)
        self.transmit()
        await self._done
        status = int(self._headers[":status"])
        return Answer(status, self._body.decode(errors="replace"), self._served(), self._headers)

    def _served(self) -> str:
        # There is no public way to it.
        certificate = self._quic.tls._peer_certificate
        assert certificate, "the server showed no certificate"
        return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take what came; called by the library."""
        if isinstance(event, ConnectionTerminated | StreamReset):
            reason = getattr(event, "reason_phrase", "")
            self._fail(ConnectionError(f"QUIC error {event.error_code:#x} {reason}".strip()))
        for http_event in self._http.handle_event(event):
            self._http_event(http_event)

    def _http_event(self, event: H3Event) -> None:
        if isinstance(event, HeadersReceived):
            self._headers |= {name.decode(): value.decode() for name, value in event.headers}
        elif isinstance(event, DataReceived):
            self._body += event.data
        ended = isinstance(event, HeadersReceived | DataReceived) and event.stream_ended
        if ended and not self._done.done():
            self._done.set_result(None)

    def _fail(self, error: ConnectionError) -> None:
        if not self._done.done():
            self._done.set_exception(error)
            self._done.exception()  # Nobody waits for it when the handshake failed.


@asynccontextmanager
async def _connected(addr: Address, configuration: QuicConfiguration) -> AsyncIterator[_Client]:
    connection = QuicConnection(configuration=configuration)
    # A socket of the address's own family: aioquic's connect() needs IPv6 for either.
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Client(connection), local_addr=("::" if ":" in addr[0] else "0.0.0.0", 0)
    )
    try:
        client.connect(addr)
        await client.shake_hands()
        yield client
    finally:
        client.close()
        await client.wait_closed()
        transport.close()


async def _get(addr: Address, host: str, path: str, configuration: QuicConfiguration) -> Answer:
    async with _connected(addr, configuration) as client:
        return await client.get(host, path)


def get_h3(addr: Address, host: str, cafile: Path, timeout: float = 5, path: str = "/") -> Answer:
    """Send one HTTP/3 request; ConnectionError when it is refused, TimeoutError for silence.

    A TLS alert is the QUIC error 0x100 and the alert's number: 0x170 for a name that is not served.
    """
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True, server_name=host)
    configuration.load_verify_locations(cafile=str(cafile))
    configuration.idle_timeout = timeout
    return asyncio.run(asyncio.wait_for(_get(addr, host, path, configuration), timeout))
