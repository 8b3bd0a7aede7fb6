# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: made, known by their hash, rotated."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.problems import ConfigurationProblem
from ansible_collections.inouter.haproxy.mcp_server.security.tokens import (
    Tokens,
    line_of,
    new,
    parsed,
)


def test_found_by_what_the_caller_sends() -> None:
    one, two = new(), new()
    tokens = Tokens(lines=f"{line_of('one', one, ['read'])}\n{line_of('two', two, ['write'])}")
    first, second = tokens.find(one), tokens.find(two)
    assert first and (first.name, first.scopes) == ("one", ("read",))
    assert second and (second.name, second.scopes) == ("two", ("read", "write"))
    for wrong in ("", one[:-1], one + "x", one.swapcase(), "\udcff", first.digest.hex()):
        assert tokens.find(wrong) is None


def test_tokens_are_long_and_differ() -> None:
    made = {new() for _n in range(100)}
    assert len(made) == 100 and min(map(len, made)) >= 43


def test_a_file_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    one, two = new(), new()
    path.write_text(f"# callers\n\n{line_of('one', one, ['read'])}  # ci\n")
    tokens = Tokens(path)
    assert tokens and tokens.find(one) and not tokens.find(two)
    path.write_text(line_of("another", two, ["read", "write"]))
    assert tokens.find(two) and not tokens.find(one)
    path.unlink()
    with pytest.raises(ConfigurationProblem, match="No such file"):
        tokens.find(one)


def test_there_may_be_none() -> None:
    assert not Tokens() and Tokens().find("") is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("one read", "a line is 'name scopes sha256:HASH'"),
        ("one read md5:00", "a line is"),
        ("one admin sha256:00", "scopes are read, or read,write"),
        ("one read sha256:zz", "64 hexadecimal digits"),
        ("one read sha256:00", "64 hexadecimal digits"),
    ],
    ids=["two", "md5", "scope", "letters", "short"],
)
def test_bad_lines_are_named_and_not_shown(line: str, words: str) -> None:
    with pytest.raises(ConfigurationProblem, match=f"tokens, line 2: .*{words}") as caught:
        list(parsed(f"\n{line}", "tokens"))
    assert line not in str(caught.value)


def test_a_token_that_can_be_guessed() -> None:
    with pytest.raises(ConfigurationProblem, match="at least 32 characters"):
        line_of("one", "secret", ["read"])
