# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving a map all of its entries at once, which no request sees half done.

The replies were measured on HAProxy 2.8, 3.0, 3.2 and 3.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .._model.errors import InvalidInput, Refused
from .api import LINE_LIMIT, RuntimeApi
from .commands import Command, word

_AROUND_PAYLOAD = len("add map @4294967295  <<\n")
_NEW_VERSION = r"New version created: (\d+)\n*\Z"
# A line with no value would swallow the next one, and an empty line would end the payload.
_PAYLOAD = r"(?:[!-~]+ [!-~][ -~]*\n)+\Z"


class MapSwap(NamedTuple):
    """The entries that a map gets instead of those that it has.

    :param path: HAProxy's own name of the map
    :param entries: keys and values
    """

    path: str
    entries: list[tuple[str, str]]

    def carry_out(self, api: RuntimeApi) -> None:
        """Prepare a new version of the map, fill it and commit it.

        Raises Refused, or InvalidInput for an entry of somebody else that cannot be sent again;
        the version that was begun is then dropped.
        """
        prepare = prepare_map(self.path)
        (reply,) = api.ask([prepare])
        match = re.match(_NEW_VERSION, reply)
        if not match:
            raise Refused(prepare.text, reply)
        version = int(match.group(1))
        try:
            for chunk in _chunks(self.entries, LINE_LIMIT - len(self.path) - _AROUND_PAYLOAD):
                api.do([add_to_map(self.path, version, chunk)])
            api.do([commit_map(self.path, version)])
        except (InvalidInput, Refused):
            api.ask([clear_map(self.path, version)])
            raise


def prepare_map(path: str) -> Command:
    """Answers the number of a new version of the map, which no request sees yet."""
    return Command(f"prepare map {word(path)}", lambda reply: bool(re.match(_NEW_VERSION, reply)))


def add_to_map(path: str, version: int, lines: str) -> Command:
    """Adds `key value` lines to a version that was prepared. It ends its line.

    Raises InvalidInput for a line that HAProxy would take for something else.
    """
    if not re.match(_PAYLOAD, lines):
        bad = next((ln for ln in lines.split("\n") if not re.match(_PAYLOAD, f"{ln}\n")), lines)
        allowed = "haproxy_state removes what does not belong into a map"
        raise InvalidInput(f"entry of {path}", bad, "cannot be sent to HAProxy", allowed)
    command = f"add map @{int(version)} {word(path)} <<"
    return Command(f"{command}\n{lines}", secret_name=command)


def commit_map(path: str, version: int) -> Command:
    """Lets requests see this version, and it alone."""
    return Command(f"commit map @{int(version)} {word(path)}")


def clear_map(path: str, version: int) -> Command:
    """Drops the entries of a version."""
    return Command(f"clear map @{int(version)} {word(path)}")


def _chunks(entries: Iterable[tuple[str, str]], room: int) -> Iterator[str]:
    """The lines of the entries, as many at a time as fit into so many bytes."""
    lines: list[str] = []
    length = 0
    for key, value in entries:
        line = f"{key} {value}\n"
        length += len(line)
        if length > room and lines:
            yield "".join(lines)
            lines, length = [], len(line)
        lines.append(line)
    if lines:
        yield "".join(lines)
