# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pool files: one backend section for each pool, which HAProxy reads at start."""

from __future__ import annotations

from .._model.servers import DRAIN, FREE, MAINT, Pool, Server, pool_name, slot_name

HEADER = "# Written by inouter.haproxy. Change it with haproxy_server, not by hand.\n"
DEFAULTS = "pools"
"""The named `defaults` section of haproxy.cfg that every pool builds on."""


def render(pool: int, servers: Pool, slots: int) -> bytes:
    """The file of one pool with so many slots; slots with no server get the placeholder."""
    lines = [f"backend {pool_name(pool)} from {DEFAULTS}\n"]
    lines += [_line(slot_name(pool, s), servers.get(s, FREE)) for s in range(1, slots + 1)]
    return (HEADER + "".join(lines)).encode("ascii")


def file_name(pool: int) -> str:
    """The pool's file below `conf/pools/`."""
    return f"{pool_name(pool)}.cfg"


def _line(name: str, server: Server) -> str:
    weight = 0 if server.state == DRAIN else server.weight
    disabled = " disabled" if server.state == MAINT else ""
    return f"    server {name} {server.address} weight {weight}{disabled}\n"
