# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A handshake finds the certificate of a name and key type, or says why there is none."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.handshake import (
    served_fingerprints,
)
from ansible_collections.inouter.haproxy.tests.unit.support.pki import Pem, authority, issued

PATIENCE_SECONDS = 30
ECDSA, RSA = issued("a.test", key="ecdsa"), issued("a.test", key="rsa")
OTHER = issued("b.test")


def context(folder: Path, *pems: Pem) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for number, pem in enumerate(pems):
        path = folder / f"{number}.{pem.fingerprint}.pem"
        path.write_text(pem.combined)
        made.load_cert_chain(path)
    return made


class Server:
    """Makes TLS handshakes one after the other; `names` are those that clients asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str | None] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self.context = context(folder, ECDSA, RSA)
        other = context(folder, OTHER)

        def choose(secured: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            self.names.append(name)
            secured.context = other if name == "b.test" else self.context

        self.context.sni_callback = choose

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain = self.listener.accept()[0]
                plain.settimeout(PATIENCE_SECONDS)
                with plain, contextlib.suppress(OSError):
                    self.context.wrap_socket(plain, server_side=True).close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server that has a.test with either key, and b.test."""
    made = Server(tmp_path)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE_SECONDS)
    made.listener.close()


def served(address: tuple[str, int], *asked: tuple[str, str]) -> list[str]:
    """The fingerprints, or the words of the errors."""
    return [str(answer) for answer in served_fingerprints(address, asked)]


@pytest.mark.parametrize(("key_type", "pem"), [("ecdsa", ECDSA), ("rsa", RSA)])
def test_each_key_type_is_asked_for(server: Server, key_type: str, pem: Pem) -> None:
    assert served(server.address, ("a.test", key_type)) == [pem.fingerprint]
    assert server.names == ["a.test"]


@pytest.mark.parametrize("pem", [ECDSA, RSA])
def test_a_server_that_speaks_tls_1_3_alone(server: Server, pem: Pem) -> None:
    server.context = context(server.folder, pem)
    server.context.minimum_version = ssl.TLSVersion.TLSv1_3
    asked = [("a.test", "ecdsa"), ("a.test", "rsa")]
    assert served(server.address, *asked) == [pem.fingerprint] * 2


def test_many_are_asked_for_and_answered_in_order(server: Server) -> None:
    asked = [("b.test", "ecdsa"), ("a.test", "rsa"), ("a.test", "ecdsa")] * 10
    expected = [OTHER.fingerprint, RSA.fingerprint, ECDSA.fingerprint] * 10
    assert served(server.address, *asked) == expected


def test_nothing_asked_for_opens_no_connection() -> None:
    assert served(("127.0.0.1", 1)) == []


def test_one_that_is_not_served_does_not_stop_the_others(server: Server) -> None:
    first, second = served_fingerprints(server.address, [("b.test", "rsa"), ("a.test", "rsa")])
    assert isinstance(first, OSError) and "handshake" in str(first).lower()
    assert second == RSA.fingerprint


def test_what_has_expired_is_found_all_the_same(server: Server) -> None:
    old = authority().issue("a.test", begin=-9, days=1)
    server.context.load_cert_chain(_written(server.folder, old))
    assert served(server.address, ("a.test", "ecdsa")) == [old.fingerprint]


def _written(folder: Path, pem: Pem) -> Path:
    path = folder / "old.pem"
    path.write_text(pem.combined)
    return path


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    (answer,) = served_fingerprints(address, [("a.test", "rsa")])
    assert isinstance(answer, ConnectionRefusedError)
