# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy answers, taken apart into values."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from .._model.servers import DRAIN, MAINT, READY, Server

# Bits of srv_admin_state (management manual, "show servers state"): maintenance forced,
# inherited or by a failed name resolution; drain forced or inherited.
_MAINT_BITS = 0x01 | 0x02 | 0x20
_DRAIN_BITS = 0x08 | 0x10
_RUNNING = 2  # srv_op_state
_CHECKING, _CHECK_ENABLED = 0x01, 0x04  # srv_check_state
_NAME = ("be_name", "srv_name")
_STATE = (
    "srv_addr",
    "srv_port",
    "srv_uweight",
    "srv_admin_state",
    "srv_op_state",
    "srv_check_state",
)


class RuntimeSlot(NamedTuple):
    """What HAProxy holds in one slot.

    :param server: address, weight and administrative state
    :param up: whether it gets requests as far as its health goes
    :param checked: whether health checks are configured and on
    :param checking: whether a health check is under way, be it of an address that it had before
    """

    server: Server
    up: bool
    checked: bool
    checking: bool = False


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


def slots(reply: str, pools: frozenset[int] | None = None) -> dict[tuple[int, int], RuntimeSlot]:
    """The slots in a reply to `show servers state`, of these pools or all, by pool and slot."""
    found = {}
    name = state = None
    for line in reply.splitlines():
        if line.startswith("# "):
            columns = line[2:].split()
            name, state = (itemgetter(*map(columns.index, names)) for names in (_NAME, _STATE))
        elif name and state:
            row = line.split(" ")
            key = _slot_key(*name(row))
            if key is not None and (pools is None or key[0] in pools):
                found[key] = _runtime_slot(*state(row))
    return found


def _slot_key(backend: str, server: str) -> tuple[int, int] | None:
    """Pool and slot of a server; None for those that are not ours."""
    pool, _underscore, slot = server.rpartition("_")
    prefix, _pool, number = pool.rpartition("pool_")
    ours = pool == backend and not prefix and number.isdecimal() and slot.isdecimal()
    return (int(number), int(slot)) if ours else None


# Of the slots of an instance most are free, and so the same.
@functools.lru_cache(maxsize=1024)
def _runtime_slot(
    ip: str, port: str, uweight: str, admin_state: str, op_state: str, check_state: str
) -> RuntimeSlot:
    admin, weight = int(admin_state), int(uweight)
    state = MAINT if admin & _MAINT_BITS else DRAIN if admin & _DRAIN_BITS else READY
    up = state == READY and weight > 0 and int(op_state) == _RUNNING
    server = Server(_canonical(ip), int(port), weight, state)
    check = int(check_state)
    return RuntimeSlot(server, up, bool(check & _CHECK_ENABLED), bool(check & _CHECKING))


def _canonical(ip: str) -> str:
    """The address as Python writes it, which for some of IPv6 is not as HAProxy does."""
    return str(ipaddress.ip_address(ip)) if ":" in ip else ip
