# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling certificates apart by their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from .certificate import Certificate
from .errors import HaproxyError
from .pem import CERTIFICATE, blocks


def digests(ders: Iterable[bytes]) -> tuple[str, str, str]:
    """Fingerprint, SHA-1 and content of a certificate with its chain."""
    chain = list(ders)
    content = hashlib.sha256(b"".join(chain)).hexdigest()
    sha1 = hashlib.sha1(chain[0], usedforsecurity=False).hexdigest()
    return hashlib.sha256(chain[0]).hexdigest(), sha1, content


def is_intact(certificate: Certificate, pem: bytes | None) -> bool:
    """Whether a file holds this certificate, its chain and a key."""
    if pem is None:
        return False
    try:
        found = blocks(pem.decode("utf-8", "replace"), "file")
    except HaproxyError:
        return False
    ders = [block.der for block in found if block.kind == CERTIFICATE]
    keyed = any(block.is_key for block in found)
    return keyed and bool(ders) and digests(ders)[2] == certificate.content
