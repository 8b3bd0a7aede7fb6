# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`show info` and `show stat`, taken apart into typed fields."""

from __future__ import annotations

import csv
from typing import Union

Field = Union[int, str, None]


def info_fields(reply: str) -> dict[str, Field]:
    """The fields of `show info`: numbers as numbers, the rest as text."""
    pairs = (line.partition(": ") for line in reply.splitlines() if ": " in line)
    return {name: typed(value) for name, _colon, value in pairs}


def stat_rows(reply: str) -> list[dict[str, Field]]:
    """The rows of `show stat`: numbers as numbers, empty fields as None."""
    rows = csv.DictReader(reply.lstrip("# ").splitlines())
    return [
        {name: typed(value or "") for name, value in row.items() if name not in ("", "-")}
        for row in rows
    ]


def typed(value: str) -> Field:
    """A field of CSV or `show info`: None, a whole number or text."""
    if not value:
        return None
    return int(value) if value.removeprefix("-").isdecimal() else value
