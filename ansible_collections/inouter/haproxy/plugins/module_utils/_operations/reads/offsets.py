# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of what has no name to go on behind: they are counted from the beginning. Pure."""

from __future__ import annotations


def cursor_behind(offset: int, limit: int, total: int) -> str | None:
    """Where the page behind this one begins, or None where there is none."""
    return str(offset + limit) if offset + limit < total else None
