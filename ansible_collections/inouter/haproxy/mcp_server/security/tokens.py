# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens: random, known by their hash alone, several at once so that they can be rotated.

A file of tokens has one line each: `name scopes sha256:HASH`, where scopes are `read` or
`read,write`. Whoever may write may also read.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..problems import ConfigurationProblem

READ, WRITE = SCOPES = ("read", "write")
SHORTEST = 32
_ALGORITHM = "sha256:"


class Token(NamedTuple):
    """One token, without what the caller sends.

    :param digest: SHA-256; enough for tokens that are long and random
    """

    name: str
    scopes: tuple[str, ...]
    digest: bytes


class Tokens:
    """The tokens of a file and of the environment. The file is read again after it changed."""

    def __init__(self, path: Path | None = None, lines: str = "") -> None:
        self._path = path
        self._fixed = list(parsed(lines, "MCP_TOKENS"))
        self._held: list[Token] = []
        self._seen: tuple[int, int] | None = None
        self._all()

    def find(self, text: str) -> Token | None:
        """The token that this text is, or None. All are compared, in constant time each."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        found = [token for token in self._all() if hmac.compare_digest(token.digest, digest)]
        return found[0] if found else None

    def __bool__(self) -> bool:
        return bool(self._all())

    def _all(self) -> list[Token]:
        if self._path is None:
            return self._fixed
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size)
            if seen != self._seen:
                self._held = list(parsed(self._path.read_text(), str(self._path)))
                self._seen = seen
        except OSError as error:
            raise ConfigurationProblem(f"--tokens-file: {error}") from error
        return [*self._fixed, *self._held]


def parsed(text: str, source: str) -> Iterator[Token]:
    """The tokens of these lines; raises ConfigurationProblem, which never shows a line."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if words:
            yield _token(words, f"{source}, line {number}")


def _token(words: Sequence[str], where: str) -> Token:
    if len(words) != 3 or not words[2].startswith(_ALGORITHM):
        raise ConfigurationProblem(
            f"{where}: a line is 'name scopes sha256:HASH'. Make one with: token new NAME"
        )
    scopes = tuple(words[1].split(","))
    if not set(scopes) <= set(SCOPES):
        raise ConfigurationProblem(f"{where}: scopes are read, or read,write.")
    try:
        digest = bytes.fromhex(words[2].removeprefix(_ALGORITHM))
    except ValueError:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise ConfigurationProblem(f"{where}: the hash is not 64 hexadecimal digits.")
    return Token(words[0], _with_read(scopes), digest)


def _with_read(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return SCOPES if WRITE in scopes else scopes


def new() -> str:
    """A token that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def line_of(name: str, text: str, scopes: Sequence[str]) -> str:
    """The line for the file; raises ConfigurationProblem for a token that can be guessed."""
    if len(text) < SHORTEST:
        raise ConfigurationProblem(
            f"{name}: a token has at least {SHORTEST} characters. Make one with: token new NAME"
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{name} {','.join(scopes)} {_ALGORITHM}{digest}"
