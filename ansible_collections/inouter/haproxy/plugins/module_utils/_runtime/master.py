# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master process's own socket: its workers, and reloads."""

from __future__ import annotations

import re
from typing import NamedTuple

from .transport import exchange, parse_address

_SUCCESS = re.compile(r"Success=([01])\n--\n")


class Reload(NamedTuple):
    """The answer to `reload` (management manual, 9.4 "Master CLI").

    :param succeeded: whether a new worker serves; else the old one goes on
    :param output: HAProxy's own words
    """

    succeeded: bool
    output: str


def workers(socket: str, timeout: float) -> list[int]:
    """The process ids of the workers that serve, newest first."""
    pids: list[int] = []
    section = ""
    for line in exchange(parse_address(socket), "show proc;quit", timeout).splitlines():
        section = line if line.startswith("# ") else section
        if section == "# workers" and line[:1].isdigit():
            pids.append(int(line.split()[0]))
    return pids


def reload(socket: str, timeout: float) -> Reload:
    """Load the configuration in a new worker, which takes the listeners over."""
    answer = exchange(parse_address(socket), "reload;quit", timeout)
    match = _SUCCESS.search(answer)
    output = answer[match.end() :] if match else answer
    return Reload(bool(match and match.group(1) == "1"), output.strip())
