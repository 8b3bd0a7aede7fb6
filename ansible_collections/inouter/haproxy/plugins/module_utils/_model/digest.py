# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling certificates apart by their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .certificate import Certificate
from .errors import HaproxyError
from .pem import CERTIFICATE, blocks


def digests(chain: Sequence[bytes], key: bytes) -> tuple[str, str, str]:
    """Fingerprint, SHA-1 and content of a certificate with its chain and its key, all as DER."""
    content = hashlib.sha256(b"".join([*chain, key])).hexdigest()
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
    chain = [block.der for block in found if block.kind == CERTIFICATE]
    keys = [block.der for block in found if block.is_key]
    return bool(chain) and len(keys) == 1 and digests(chain, keys[0])[2] == certificate.content
