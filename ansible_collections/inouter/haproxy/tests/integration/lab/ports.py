# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback addresses and ports on which parallel test processes never meet."""

from __future__ import annotations

import ipaddress
import os
import socket

# 127.64.0.0 and the 22 bits of a process id end at 127.127.255.255.
_FIRST = int(ipaddress.IPv4Address("127.64.0.0"))
_ids = 1 << 22
_given: set[tuple[str, int]] = set()


def loopback() -> str:
    """Return the loopback address of this test process alone."""
    return str(ipaddress.IPv4Address(_FIRST + os.getpid() % _ids))


def free_ports(count: int, address: str | None = None) -> list[int]:
    """Return ports that nobody listens on and that were not given out before."""
    address = address or loopback()
    ports: list[int] = []
    while len(ports) < count:
        with socket.socket() as probe:
            probe.bind((address, 0))
            port = probe.getsockname()[1]
        if (address, port) not in _given:
            _given.add((address, port))
            ports.append(port)
    return ports


def require_loopback(address: str) -> str:
    """Refuse any address that is not this machine's own."""
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError(f"{address} is not a loopback address")
    return address
