# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy answers, taken apart into values."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from .._model.servers import DRAIN, MAINT, READY, Server

# Bits of srv_admin_state (management manual, "show servers state"): maintenance forced,
# inherited or by a failed name resolution; drain forced or inherited.
_MAINT_BITS = 0x01 | 0x02 | 0x20
_DRAIN_BITS = 0x08 | 0x10
_RUNNING = 2  # srv_op_state
_CHECK_ENABLED = 0x04  # srv_check_state


class RuntimeSlot(NamedTuple):
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
    replies: list[str] = []
    lines: list[str] = []
    for line in text.split("\n")[:-1]:
        if line:
            lines.append(line)
        else:
            replies.append("\n".join(lines))
            lines = []
    return replies


def found_value(reply: str) -> str | None:
    """The value in a reply to `get map`, or None where the key is not found."""
    if ", found=yes, " not in reply:
        return None
    return reply.partition(', value="')[2].partition('"')[0]


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
        pool, _underscore, slot = row["srv_name"].rpartition("_")
        prefix, _pool, number = pool.rpartition("pool_")
        ours = pool == row["be_name"] and not prefix
        if ours and number.isdecimal() and slot.isdecimal():
            found[int(number), int(slot)] = _runtime_slot(row)
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
    server = Server(_canonical(row["srv_addr"]), int(row["srv_port"]), weight, state)
    up = state == READY and weight > 0 and int(row["srv_op_state"]) == _RUNNING
    return RuntimeSlot(server, up, bool(int(row["srv_check_state"]) & _CHECK_ENABLED))


def _canonical(ip: str) -> str:
    """The address as Python writes it, which for some of IPv6 is not as HAProxy does."""
    return str(ipaddress.ip_address(ip)) if ":" in ip else ip
