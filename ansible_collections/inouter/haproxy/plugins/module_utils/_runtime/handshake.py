# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS handshake: which certificate does a client get?"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

TIMEOUT_SECONDS = 5.0
# Clients of old: with TLS 1.2 the cipher decides which kind of certificate is sent.
_CIPHERS = {"ecdsa": "aECDSA", "rsa": "aRSA"}


THREADS = 8

Asked = tuple[str, str]
"""A domain and a key type."""


def served_fingerprints(address: tuple[str, int], asked: Sequence[Asked]) -> list[str | OSError]:
    """SHA-256 of the certificate that is served for each name, or why there is none.

    Where only TLS 1.3 is spoken, it may be that of the name's other key type: which one is sent is
    then decided by signature algorithms, which Python's ssl cannot choose.
    """
    contexts = {key_type: _with_cipher(key_type) for key_type in {kind for _d, kind in asked}}

    def one(item: Asked) -> str | OSError:
        try:
            return _of_either_version(address, item[0], contexts[item[1]])
        except OSError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, asked))


def _of_either_version(address: tuple[str, int], domain: str, old: ssl.SSLContext) -> str:
    try:
        return _fingerprint(address, domain, old)
    except ssl.SSLError as error:
        if not str(error.reason).endswith("PROTOCOL_VERSION"):
            raise
    return _fingerprint(address, domain, _context())


def _with_cipher(key_type: str) -> ssl.SSLContext:
    context = _context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS[key_type])
    return context


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # It is compared with a certificate that is known, so who issued it does not matter.
    context.verify_mode = ssl.CERT_NONE
    return context


def _fingerprint(address: tuple[str, int], domain: str, context: ssl.SSLContext) -> str:
    plain = socket.create_connection(address, TIMEOUT_SECONDS)
    with plain, context.wrap_socket(plain, server_hostname=domain) as secured:
        return hashlib.sha256(secured.getpeercert(True) or b"").hexdigest()
