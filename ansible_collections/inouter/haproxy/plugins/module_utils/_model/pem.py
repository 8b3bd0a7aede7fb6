# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM text, taken apart into blocks and put together as HAProxy takes it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from .errors import InvalidInput

CERTIFICATE = "CERTIFICATE"
_EDGE = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]+)-----\Z")
ALLOWED = "PEM blocks are needed: the certificate, its chain, and its private key"


class Block(NamedTuple):
    """One PEM block.

    :param number: its place in the text, from 1, for errors
    :param kind: what stands behind BEGIN, such as `CERTIFICATE` or `EC PRIVATE KEY`
    :param headers: lines such as `Proc-Type: 4,ENCRYPTED` before the content
    """

    number: int
    kind: str
    der: bytes
    headers: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The block as an error names it."""
        return f"block {self.number} ({self.kind})"

    @property
    def is_key(self) -> bool:
        """Whether it is a private key of any form."""
        return self.kind.endswith("PRIVATE KEY")

    @property
    def is_encrypted(self) -> bool:
        """Whether it needs a password, in the form of PKCS 8 or in OpenSSL's old one."""
        return self.kind.startswith("ENCRYPTED") or any("ENCRYPTED" in h for h in self.headers)


def blocks(text: str, option: str) -> list[Block]:
    """The blocks of a text, whatever stands around them; raises InvalidInput.

    The value itself never becomes part of an error: it may be a private key.
    """
    found = []
    for number, (kind, lines) in enumerate(_raw_blocks(text, option), 1):
        headers = tuple(takewhile(lambda line: ":" in line, lines))
        try:
            der = base64.b64decode("".join(lines[len(headers) :]), validate=True)
        except ValueError as error:
            raise bad_pem(option, f"block {number} ({kind}) is not base64 ({error})") from None
        found.append(Block(number, kind, der, headers))
    return found


def bad_pem(option: str, problem: str, allowed: str = ALLOWED) -> InvalidInput:
    """An error about PEM content, without the content."""
    return InvalidInput(option, "PEM text", f"cannot be used: {problem}", allowed)


def render(found: Iterable[Block]) -> bytes:
    """These blocks, one behind the other, with no empty lines and 64 characters a line."""
    return "".join(_block_text(block) for block in found).encode("ascii")


def _block_text(block: Block) -> str:
    body = base64.b64encode(block.der).decode("ascii")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {block.kind}-----", *lines, f"-----END {block.kind}-----", ""])


def _raw_blocks(text: str, option: str) -> Iterator[tuple[str, list[str]]]:
    kind, lines = "", []
    for line in (line.strip() for line in text.splitlines()):
        edge = _EDGE.match(line)
        if edge is None:
            lines += [line] if kind and line else []
        elif edge.group(1) == "BEGIN" and not kind:
            kind, lines = edge.group(2), []
        elif edge.group(1) == "END" and kind == edge.group(2):
            yield kind, lines
            kind = ""
        else:
            raise bad_pem(option, f"{line} stands where {kind or 'no block'} is open")
    if kind:
        raise bad_pem(option, f"the last block, {kind}, has no END line")
