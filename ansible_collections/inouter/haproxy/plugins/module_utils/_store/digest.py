# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One number for all rows of the truth, which each change moves on by what it changed alone.

It tells whether the database still holds what was written to it, and whether two hosts hold the
same. It is a sum, so that the order of rows and of changes does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .store import Store

_BYTES = 16
_MODULUS = 1 << 8 * _BYTES

Key = tuple[str, Any]


def of_rows(store: Store) -> str:
    """The digest of what the database holds."""
    total = sum(_term("domain", row.domain, row) for row in store.domains())
    total += sum(_term("pool", pool, servers) for pool, servers in store.pools().items())
    total += sum(_term("certificate", row.key, row) for row in store.certificates())
    total += sum(_term("setting", name, value) for name, value in store.settings().items())
    return _text(total + _term("pool_count", "", store.pool_count()))


def moved(digest: str, changed: Mapping[Key, tuple[Any, Any]]) -> str:
    """The digest after these changes, each from a value to another."""
    total = int(digest, 16)
    for (kind, name), (before, after) in changed.items():
        total += _term(kind, name, after) - _term(kind, name, before)
    return _text(total)


def _text(total: int) -> str:
    return f"{total % _MODULUS:0{2 * _BYTES}x}"


def _term(kind: str, name: Any, value: Any) -> int:
    if value is None or value == {} or value == 0:
        return 0
    if isinstance(value, dict):
        value = [(slot, *server) for slot, server in sorted(value.items())]
    # Tuples of text and numbers alone: their text is the same in each Python and each release.
    plain = tuple(value) if isinstance(value, (tuple, list)) else value
    text = ascii((kind, name, plain)).encode("ascii")
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BYTES).digest(), "big")
