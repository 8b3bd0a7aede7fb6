# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM texts: tidy and untidy ones, and that no error ever tells what is in them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.pem import (
    CERTIFICATE,
    Block,
    bad_pem,
    blocks,
    render,
)
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import any_text

KINDS = (CERTIFICATE, "PRIVATE KEY", "EC PRIVATE KEY", "X509 CRL", "ENCRYPTED PRIVATE KEY")
ONE = Block(1, CERTIFICATE, bytes(range(100)))
TWO = Block(2, "RSA PRIVATE KEY", bytes(range(100, 200)))
TEXT = render([ONE, TWO]).decode()
FIRST, SECOND = render([ONE]).decode(), render([TWO]).decode()
BODY = FIRST.splitlines()[1]


def marked(kind: str, body: str) -> str:
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\n\n"),
        TEXT.replace("\n", "  \n\t"),
        TEXT.rstrip("\n"),
        f"Bag Attributes\n  name: x\nsubject=CN = a.test\n{FIRST}issuer=b\n{SECOND}the end",
        "\ufeff\n" + TEXT,
        TEXT.replace(BODY, f"{BODY[:10]}\n{BODY[10:]}"),
    ],
)
def test_untidy_text_gives_the_same_blocks(text: str) -> None:
    assert blocks(text, "content") == [ONE, TWO]


@pytest.mark.parametrize(
    ("header", "encrypted"), [("Proc-Type: 4,ENCRYPTED", True), ("Comment: mine", False)]
)
def test_headers_are_kept_apart(header: str, encrypted: bool) -> None:
    text = SECOND.replace("KEY-----\n", f"KEY-----\n{header}\nDEK-Info: x\n\n", 1)
    one, two = blocks(FIRST + text, "content")
    assert (one, two) == (ONE, TWO._replace(headers=(header, "DEK-Info: x")))
    assert (one.is_encrypted, two.is_encrypted) == (False, encrypted)


@pytest.mark.parametrize("text", ["", "\n", "no PEM at all", "-----BEGIN lower-----", "---- x"])
def test_text_with_no_block_gives_none(text: str) -> None:
    assert blocks(text, "content") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (FIRST[:60], "the last block, CERTIFICATE, has no END line"),
        (f"{FIRST[:60]}\n{SECOND}", "BEGIN RSA PRIVATE KEY----- stands where CERTIFICATE is open"),
        (SECOND + "-----END X-----", "-----END X----- stands where no block is open"),
        (FIRST.replace("END CERT", "END XCERT"), "END XCERTIFICATE----- stands where CERTIFICATE"),
        (marked("X", "QUJ"), "block 1 (X) is not base64 (Incorrect padding)"),
        (FIRST + marked("X", "QU*J"), "block 2 (X) is not base64"),
        (marked("X", "QUJD=QUJD"), "block 1 (X) is not base64"),
    ],
)
def test_bad_text(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        blocks(text, "certificates[1].src")
    assert str(caught.value).startswith("certificates[1].src: 'PEM text' cannot be used: ")
    assert problem in str(caught.value)
    assert str(caught.value).endswith("the certificate, its chain, and its private key")


@pytest.mark.parametrize("letter", ["é", "\ufffd", "\ud800", "٣"])
def test_letters_beyond_ascii_are_not_base64(letter: str) -> None:
    with pytest.raises(InvalidInput, match=r"block 1 \(X\) is not base64"):
        blocks(marked("X", f"QUJ{letter}"), "content")


pem_blocks = st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=200)), max_size=5).map(
    lambda found: [Block(n, kind, der) for n, (kind, der) in enumerate(found, 1)]
)
parts = st.lists(
    st.sampled_from(["-----BEGIN X-----", "-----END X-----", "-----BEGIN A KEY-----", "QUJD", "="])
    | any_text,
    max_size=8,
)


@given(pem_blocks)
def test_what_is_rendered_is_read_again(found: list[Block]) -> None:
    assert blocks(render(found).decode(), "content") == found


@given(pem_blocks)
def test_what_is_rendered_has_no_empty_and_no_long_line(found: list[Block]) -> None:
    lines = render(found).decode("ascii").split("\n")
    assert lines.pop() == ""
    assert all(0 < len(line) <= 64 for line in lines)


@given(parts.map("\n".join) | any_text)
@example("-----END -----")
@example("-----BEGIN X-----\n-----BEGIN X-----")
@example("-----BEGIN X-----\n=\n-----END X-----")
def test_no_text_raises_anything_but_invalid_input(text: str) -> None:
    try:
        found = blocks(text, "content")
    except InvalidInput as error:
        assert error.value == "PEM text"
    else:
        assert [block.number for block in found] == list(range(1, len(found) + 1))


@given(st.binary(min_size=20, max_size=100), st.integers(0, 30), st.sampled_from("*=-:"))
def test_no_error_tells_the_content(der: bytes, place: int, letter: str) -> None:
    body = base64.b64encode(der).decode()
    broken = marked("PRIVATE KEY", body[:place] + letter + body[place:])
    for text in (broken, broken[:-20], broken + "-----END X-----"):
        try:
            blocks(text, "content")
        except InvalidInput as error:
            shown = str(error)
            assert not any(body[n : n + 12] in shown for n in range(len(body) - 11))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(kind, "KEY" in kind) for kind in KINDS] + [("PUBLIC KEY", False), ("PRIVATE KEY X", False)],
)
def test_keys(kind: str, expected: bool) -> None:
    assert Block(1, kind, b"").is_key == expected


def test_a_block_has_a_label() -> None:
    assert TWO.label == "block 2 (RSA PRIVATE KEY)"
    assert str(TWO.der) not in TWO.label


def test_an_error_may_give_other_advice() -> None:
    assert str(bad_pem("src", "it is odd", "Try again")) == (
        "src: 'PEM text' cannot be used: it is odd. Try again"
    )
