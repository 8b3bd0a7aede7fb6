# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy answers, taken apart into values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from .._model.servers import DRAIN, MAINT, READY, Server

# Bits of srv_admin_state (management manual, "show servers state"): maintenance forced,
# inherited or by a failed name resolution; drain forced or inherited.
_MAINT_BITS = 0x01 | 0x02 | 0x20
_DRAIN_BITS = 0x08 | 0x10
_RUNNING = 2  # srv_op_state
_CHECK_ENABLED = 0x04  # srv_check_state
_FOUND = re.compile(r'.*\bfound=yes\b.*\bvalue="([^"]*)"')
_SLOT = re.compile(r"pool_(\d+)_(\d+)\Z")
_WHOLE_NUMBER = re.compile(r"-?\d+\Z")

Field = Union[int, str, None]


@dataclass(frozen=True)
class RuntimeSlot:
    """What HAProxy holds in one slot.

    :param server: address, weight and administrative state
    :param up: whether it gets requests as far as its health goes
    :param checked: whether health checks are configured and on
    """

    server: Server
    up: bool
    checked: bool


def split_replies(text: str) -> list[str]:
    """The replies to `;`-joined commands: each ends with an empty line."""
    return [match.group(0)[:-1] for match in re.finditer(r"(?:.+\n)*\n", text)]


def found_value(reply: str) -> str | None:
    """The value in a reply to `get map`, or None where the key is not found."""
    match = _FOUND.match(reply)
    return match.group(1) if match else None


def map_entries(reply: str) -> Iterator[tuple[str, str, str]]:
    """Reference, key and value of each entry of `show map`: of one key the first one wins."""
    for line in reply.splitlines():
        reference, _space, entry = line.partition(" ")
        key, _space, value = entry.partition(" ")
        yield reference, key, value


def slots(reply: str) -> dict[tuple[int, int], RuntimeSlot]:
    """The pools' slots in a reply to `show servers state`, by pool and slot number."""
    found = {}
    for row in _state_rows(reply):
        match = _SLOT.match(row["srv_name"])
        if match and row["be_name"] == f"pool_{match.group(1)}":
            found[int(match.group(1)), int(match.group(2))] = _runtime_slot(row)
    return found


def _state_rows(reply: str) -> Iterator[dict[str, str]]:
    columns: list[str] = []
    for line in reply.splitlines():
        if line.startswith("# "):
            columns = line[2:].split()
        elif columns:
            yield dict(zip(columns, line.split(" ")))


def _runtime_slot(row: dict[str, str]) -> RuntimeSlot:
    admin = int(row["srv_admin_state"])
    state = MAINT if admin & _MAINT_BITS else DRAIN if admin & _DRAIN_BITS else READY
    weight = int(row["srv_uweight"])
    server = Server(row["srv_addr"], int(row["srv_port"]), weight, state)
    up = state == READY and weight > 0 and int(row["srv_op_state"]) == _RUNNING
    return RuntimeSlot(server, up, bool(int(row["srv_check_state"]) & _CHECK_ENABLED))


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
    return int(value) if _WHOLE_NUMBER.match(value) else value
