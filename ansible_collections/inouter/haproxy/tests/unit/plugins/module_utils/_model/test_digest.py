# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests, and whether a file still holds the certificate that the database knows."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import Certificate
from ansible_collections.inouter.haproxy.plugins.module_utils._model.digest import (
    digests,
    is_intact,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.pem import Block, render

LEAF = Block(1, "CERTIFICATE", b"the leaf: long enough for a second line of base64 in its block.")
ABOVE = Block(2, "CERTIFICATE", b"its issuer..")
KEY = Block(3, "PRIVATE KEY", b"its key")
GOOD = render([LEAF, ABOVE, KEY])
FOUND = digests([LEAF.der, ABOVE.der], KEY.der)
ROW = Certificate("a.test", "ecdsa", "a.test", *FOUND, "CN=x", "1", "begin", "end")


def test_the_digests_of_a_chain() -> None:
    fingerprint, sha1, content = FOUND
    assert fingerprint == hashlib.sha256(LEAF.der).hexdigest()
    assert sha1 == hashlib.sha1(LEAF.der, usedforsecurity=False).hexdigest()
    assert content == hashlib.sha256(LEAF.der + ABOVE.der + KEY.der).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        b"subject=x\n\n" + GOOD,
        render([KEY, LEAF, ABOVE]),
        render([LEAF, ABOVE, Block(3, "EC PARAMETERS", b"p"), Block(4, "EC PRIVATE KEY", KEY.der)]),
    ],
)
def test_a_file_that_is_intact(content: bytes) -> None:
    assert is_intact(ROW, content)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\0" * 100,
        b"\xff\xfe",
        GOOD[: len(GOOD) // 2],
        GOOD[:-30],
        GOOD.replace(b"-----END PRIVATE KEY-----\n", b""),
        render([LEAF, ABOVE]),
        render([KEY]),
        render([LEAF, KEY]),
        render([ABOVE, LEAF, KEY]),
        render([LEAF, ABOVE, ABOVE, KEY]),
        render([LEAF._replace(der=b"another leaf"), ABOVE, KEY]),
        render([LEAF, ABOVE, KEY._replace(der=b"another key")]),
        render([LEAF, ABOVE, KEY, KEY]),
    ],
)
def test_a_file_that_is_not(content: bytes | None) -> None:
    assert not is_intact(ROW, content)


@pytest.mark.parametrize("byte", [b"\xff", b"\xc3\xa9"])
def test_a_damaged_byte_is_no_error(byte: bytes) -> None:
    assert not is_intact(ROW, GOOD[:40] + byte + GOOD[41:])


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_one_changed_byte_never_passes_for_another_chain(place: int, byte: int) -> None:
    """Line ends apart: whatever else changes is noticed."""
    old = GOOD[place : place + 1]
    assume(old != b"\n" and old[0] != byte)
    changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    # A line with a colon, or white space, is left out; then bytes are missing and that shows.
    assert not is_intact(ROW, changed)
