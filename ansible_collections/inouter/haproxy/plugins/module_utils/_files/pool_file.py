# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pool files: one backend section for each pool, which HAProxy reads at start."""

from __future__ import annotations

import os
import re

from .._model.servers import (
    DRAIN,
    FREE,
    MAINT,
    READY,
    Pool,
    Server,
    pool_name,
    slot_name,
)

HEADER = "# Written by inouter.haproxy. Change it with haproxy_server, not by hand.\n"
DEFAULTS = "pools"
"""The named `defaults` section of haproxy.cfg that every pool builds on.

Pools with a profile build on one of their own, which is named after it and builds on this one.
"""

_SERVER = r"\s*server pool_\d+_(\d+) (\S+):(\d+) weight (\d+)( disabled)?\s*\Z"


def render(pool: int, servers: Pool, slots: int, profile: str = "") -> bytes:
    """The file of one pool with so many slots; slots with no server get the placeholder."""
    defaults = f"{DEFAULTS}_{profile}" if profile else DEFAULTS
    lines = [f"backend {pool_name(pool)} from {defaults}\n"]
    lines += [_line(slot_name(pool, s), servers.get(s, FREE)) for s in range(1, slots + 1)]
    return (HEADER + "".join(lines)).encode("ascii")


def defaults_of(content: bytes) -> str:
    """The `defaults` section that a pool's file names."""
    return content.partition(b" from ")[2].partition(b"\n")[0].decode("ascii")


def file_name(pool: int) -> str:
    """The pool's file below `conf/pools/`."""
    return f"{pool_name(pool)}.cfg"


def parse(content: bytes) -> Pool:
    """The servers in a pool's file; lines that are not as `render` writes them are left out."""
    found = {}
    for line in content.decode("utf-8", "replace").splitlines():
        match = re.match(_SERVER, line)
        if match:
            slot, ip, port, weight, disabled = match.groups()
            state = MAINT if disabled else READY
            server = Server(ip.strip("[]"), int(port), int(weight), state)
            found[int(slot)] = server
    return {slot: server for slot, server in found.items() if server != FREE}


def numbers(folder: str) -> frozenset[int]:
    """The numbers of the pools that have a file in the folder."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = (name[5:-4] for name in names if name.startswith("pool_") and name.endswith(".cfg"))
    return frozenset(int(n) for n in found if n.isdecimal() and n == str(int(n)))


def _line(name: str, server: Server) -> str:
    weight = 0 if server.state == DRAIN else server.weight
    disabled = " disabled" if server.state == MAINT else ""
    return f"    server {name} {server.address} weight {weight}{disabled}\n"
