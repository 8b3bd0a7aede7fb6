# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HAProxy as a script: these commands in this order get these replies, any other one fails."""

from __future__ import annotations

from pathlib import Path

VERSIONS = ("2.8", "3.0", "3.2", "3.4")
"""The versions whose real replies are kept in files."""


class Script:
    """Answers each command of a line with the reply that the script has for it next."""

    def __init__(self, *exchanges: tuple[str, str]) -> None:
        self.left = list(exchanges)

    def __call__(self, line: str) -> bytes:
        return "".join(self._reply(command) for command in line.split(";")).encode()

    def _reply(self, command: str) -> str:
        assert self.left, f"unexpected command after the end of the script: {command!r}"
        expected, reply = self.left.pop(0)
        assert command == expected, f"expected {expected!r}, got {command!r}"
        return reply

    def end(self) -> None:
        """Fail where commands are left that nobody sent."""
        assert not self.left, f"never sent: {self.left!r}"


def kept_reply(version: str, name: str) -> str:
    """A reply as a real HAProxy of this version gave it, with its closing empty line."""
    path = Path(__file__).parent / "replies" / version / f"{name}.txt"
    return path.read_text(encoding="utf-8")
