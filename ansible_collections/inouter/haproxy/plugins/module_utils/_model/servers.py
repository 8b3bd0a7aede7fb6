# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers, slots and pools: their values, names and validation rules."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from .errors import InvalidInput

READY, DRAIN, MAINT = STATES = ("ready", "drain", "maint")
DEFAULT_PORT = 80
DEFAULT_WEIGHT = 1  # HAProxy's own default (configuration manual, 5.2 "weight")
MAX_WEIGHT = 256
# A free slot points to TEST-NET-1, which nobody routes. With 0.0.0.0 HAProxy would
# connect to the local host as soon as somebody made the slot ready.
PLACEHOLDER = "192.0.2.1"
_POOL = r"pool_([1-9][0-9]{0,5})\Z"


class Server(NamedTuple):
    """What one slot of a pool holds.

    :param ip: canonical IPv4 or IPv6 address
    :param http_port: 1 to 65535
    :param weight: 0 to 256; 0 gets no new requests
    :param state: `ready`, `drain` (no new requests) or `maint` (no requests, no checks)
    """

    ip: str
    http_port: int = DEFAULT_PORT
    weight: int = DEFAULT_WEIGHT
    state: str = READY

    @property
    def address(self) -> str:
        """The address as a HAProxy configuration writes it."""
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{host}:{self.http_port}"


FREE = Server(PLACEHOLDER, DEFAULT_PORT, DEFAULT_WEIGHT, MAINT)


Pool = dict[int, Server]
"""The servers of one pool by slot; free slots are absent."""


def pool_name(pool: int) -> str:
    """`pool_5` for 5."""
    return f"pool_{pool}"


def slot_name(pool: int, slot: int) -> str:
    """The server's name in HAProxy: `pool_5_1` for slot 1 of pool 5."""
    return f"pool_{pool}_{slot}"


def pool_number(name: str, option: str = "pool") -> int:
    """The number in a pool's name; raises InvalidInput for any other text."""
    match = re.match(_POOL, name)
    if not match:
        raise InvalidInput(option, name, "is not a pool", "A pool is written pool_1, pool_2, ...")
    return int(match.group(1))


def server_ip(value: str, option: str = "ip") -> str:
    """The canonical form of a server's address; raises InvalidInput."""
    allowed = "An IPv4 or IPv6 address of a host is needed, with no port"
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise InvalidInput(option, value, "is not an IP address", allowed) from None
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        raise InvalidInput(option, value, "is not the address of one host", allowed)
    if getattr(address, "scope_id", None):
        raise InvalidInput(option, value, "has a zone, which HAProxy cannot use", allowed)
    if str(address) == PLACEHOLDER:
        raise InvalidInput(option, value, "is the mark of a free slot", allowed)
    return str(address)


def whole_number(value: int, option: str, low: int, high: int) -> int:
    """`value` where it lies from `low` to `high`; raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        allowed = f"A whole number from {low} to {high} is allowed"
        raise InvalidInput(option, value, "is out of range", allowed)
    return value


def server_state(value: str, option: str = "state") -> str:
    """`value` where it is one of STATES; raises InvalidInput."""
    if value not in STATES:
        raise InvalidInput(option, value, "is not a server's state", f"One of: {', '.join(STATES)}")
    return value
