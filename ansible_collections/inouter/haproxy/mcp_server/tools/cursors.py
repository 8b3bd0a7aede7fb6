# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cursors that are numbers: an offset, or the number of the last row."""

from __future__ import annotations

from mcp.server.mcpserver.exceptions import ToolError

MOST_DIGITS = 18


def number_of(cursor: str) -> int | None:
    """The number, or None where the call gives no cursor; raises ToolError."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= MOST_DIGITS):
        raise ToolError("cursor: use the next_cursor of an earlier answer, or leave it out.")
    return int(cursor)
