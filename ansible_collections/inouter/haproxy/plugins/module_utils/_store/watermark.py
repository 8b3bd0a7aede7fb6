# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest generation that was committed, and the settings, in a file beside the database.

A database that lost its last commits, as with a truncated WAL, or was replaced by an older one, is
sound in itself. This file tells that it is not the newest. Where the database is lost, it tells
how the instance was laid out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

SUFFIX = "-generation"


def read(database: str) -> int:
    """The newest generation; 0 where none is known."""
    number = _lines(database)[0]
    return int(number) if number.isdecimal() else 0


def settings(database: str) -> dict[str, str]:
    """The settings' rows; none where they are not known."""
    try:
        rows = json.loads(_lines(database)[1])
    except ValueError:
        return {}
    return rows if isinstance(rows, dict) else {}


def write(database: str, generation: int, rows: Mapping[str, str]) -> None:
    """Remember both, after they were committed and before HAProxy hears of it.

    It is not synced: after a power cut an older number only finds less.
    """
    content = f"{generation:020d}\n{json.dumps(rows)}\n".encode("ascii")
    handle = os.open(database + SUFFIX, os.O_WRONLY | os.O_CREAT, 0o640)
    try:
        os.pwrite(handle, content, 0)
        os.ftruncate(handle, len(content))
    finally:
        os.close(handle)


def _lines(database: str) -> list[str]:
    try:
        with open(database + SUFFIX, encoding="utf-8", errors="replace") as file:
            return [*file.read().split("\n"), "", ""]
    except FileNotFoundError:
        return ["", ""]
