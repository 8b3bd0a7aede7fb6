# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HAProxy in memory: maps and slots, and the commands that read and change them."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import (
    DRAIN,
    FREE,
    MAINT,
    READY,
    Server,
    slot_name,
)

SlotKey = tuple[int, int]

_ADMIN_BITS = {READY: 4, DRAIN: 12, MAINT: 5}
_STATE_COLUMNS = (
    "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight"
    " srv_iweight srv_check_state srv_fqdn srv_port"
)
_STAT_COLUMNS = "pxname,svname,qcur,scur,status,weight,type,check_status,addr,"
_SLOT = r"set server pool_(\d+)/pool_\1_(\d+) "
_HANDLERS = (
    (r"show version", "_show_version"),
    (r"show info", "_show_info"),
    (r"show stat(?: pool_(\d+) 7 -1)?", "_show_stat"),
    (r"show servers state(?: pool_(\d+))?", "_show_servers_state"),
    (r"show map (\S+)", "_show_map"),
    (r"get map (\S+) (\S+)", "_get_map"),
    (r"add map (\S+) (\S+) (\S+)", "_add_map"),
    (r"set map (\S+) (\S+) (\S+)", "_set_map"),
    (r"del map (\S+) #(\S+)", "_del_map_entry"),
    (r"del map (\S+) ([^#\s]\S*)", "_del_map"),
    (_SLOT + r"addr (\S+) port (\d+)", "_set_address"),
    (_SLOT + r"weight (\d+)", "_set_weight"),
    (_SLOT + r"state (ready|drain|maint)", "_set_state"),
    (_SLOT + r"health (down)", "_set_health"),
)
_UNKNOWN_MAP = "Unknown map identifier. Please use #<id> or <file>.\n\n"


@dataclass(frozen=True)
class Entry:
    """One entry of a map; `reference` is what `show map` calls it."""

    reference: str
    key: str
    value: str


@dataclass(frozen=True)
class Slot:
    """One server; `running` as its health checks say."""

    server: Server = FREE
    running: bool = False
    checked: bool = True
    sessions: int = 0
    checking: bool = False

    @property
    def serves(self) -> bool:
        """Whether it gets new requests."""
        return self.status == "UP" and self.server.weight > 0

    @property
    def status(self) -> str:
        """The column of `show stat`."""
        if self.server.state == MAINT:
            return "MAINT"
        if not self.running:
            return "DOWN"
        return "DRAIN" if self.server.state == DRAIN else "UP"


class Simulated:
    """Answers lines of commands; fails on a command that it does not know.

    `refuse` may give another reply to a command, which is then not carried out.
    `log` holds the commands that changed something.
    """

    def __init__(self, conf: str, pools: int, slots: int, version: str = "3.2.26-1") -> None:
        self.version = version
        self.running = True
        self.started = int(time.time()) - 60
        self.maps: dict[str, list[Entry]] = {
            f"{conf}/domains.map": [],
            f"{conf}/wildcards.map": [],
        }
        keys = ((pool, slot) for pool in range(1, pools + 1) for slot in range(1, slots + 1))
        self.slots: dict[SlotKey, Slot] = {key: Slot() for key in keys}
        self.refuse: Callable[[str], str | None] = lambda command: None
        self.log: list[str] = []
        self._references = 0x55848F254660

    def __call__(self, line: str) -> bytes:
        return "".join(self.execute(command) for command in line.split(";")).encode()

    def execute(self, command: str) -> str:
        """The reply to one command, with the empty line that closes it."""
        if not command.startswith(("show ", "get ")):
            self.log.append(command)
        refusal = self.refuse(command)
        if refusal is not None:
            return refusal
        for pattern, handler in _HANDLERS:
            match = re.fullmatch(pattern, command)
            if match:
                reply: str = getattr(self, handler)(*match.groups())
                return reply
        raise AssertionError(f"unexpected command {command!r}")

    def put(self, path: str, key: str, value: str) -> None:
        """Add an entry to a map, behind those that are there."""
        self._references += 0x60
        self.maps[path].append(Entry(f"{self._references:#x}", key, value))

    def routes(self) -> dict[str, dict[str, str]]:
        """For each map what a lookup of each key finds."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for path, entries in self.maps.items():
            for entry in entries:
                found[path].setdefault(entry.key, entry.value)
        return dict(found)

    def servers(self) -> dict[SlotKey, Server]:
        """What each slot holds."""
        return {key: slot.server for key, slot in self.slots.items()}

    # -- what the commands do

    def _show_version(self) -> str:
        return f"{self.version}\n\n"

    def _show_info(self) -> str:
        facts = f"Version: {self.version}\nPid: 4711\nUptime_sec: 60"
        return f"Name: HAProxy\n{facts}\nStart_time_sec: {self.started}\n\n"

    def _show_servers_state(self, pool: str | None) -> str:
        if pool is not None and not any(self._of(pool)):
            return "Can't find backend.\n\n"
        rows = "".join(f"{_state_row(key, self.slots[key])}\n" for key in self._of(pool))
        return f"1\n# {_STATE_COLUMNS}\n{rows}\n"

    def _show_stat(self, pool: str | None) -> str:
        if pool is not None and not any(self._of(pool)):
            return "No such proxy.\n\n"
        rows = "".join(f"{_stat_row(key, self.slots[key])}\n" for key in self._of(pool))
        frontend = "" if pool else "http,FRONTEND,,0,OPEN,,0,,,\n"
        backend = f"pool_{pool or 1},BACKEND,0,0,UP,1,1,,,\n"
        return f"# {_STAT_COLUMNS}\n{frontend}{rows}{backend}\n"

    def _of(self, pool: str | None) -> Iterator[SlotKey]:
        return (key for key in self.slots if pool is None or key[0] == int(pool))

    def _show_map(self, path: str) -> str:
        if path not in self.maps:
            return _UNKNOWN_MAP
        lines = (f"{e.reference} {e.key} {e.value}\n" for e in self.maps[path])
        return "".join(lines) + "\n"

    def _get_map(self, path: str, key: str) -> str:
        if path not in self.maps:
            return _UNKNOWN_MAP
        found = [e.value for e in self.maps[path] if e.key == key]
        if not found:
            return "type=str, case=sensitive, found=no\n\n"
        entry = f'key="{key}", value="{found[0]}", type="str"'
        return f"type=str, case=sensitive, found=yes, idx=tree, {entry}\n\n"

    def _add_map(self, path: str, key: str, value: str) -> str:
        self.put(path, key, value)
        return "\n"

    def _set_map(self, path: str, key: str, value: str) -> str:
        entries = self.maps[path]
        if not any(e.key == key for e in entries):
            return "entry not found.\n\n"
        self.maps[path] = [replace(e, value=value) if e.key == key else e for e in entries]
        return "\n"

    def _del_map(self, path: str, key: str) -> str:
        found = [e for e in self.maps[path] if e.key == key]
        # HAProxy 3.3 and newer remove one of several entries, older ones remove all.
        gone = found[:1] if self.version >= "3.3" else found
        self.maps[path] = [e for e in self.maps[path] if e not in gone]
        return "\n" if found else "Key not found.\n\n"

    def _del_map_entry(self, path: str, reference: str) -> str:
        kept = [e for e in self.maps[path] if e.reference != reference]
        found = len(kept) < len(self.maps[path])
        self.maps[path] = kept
        return "\n" if found else "Key not found.\n\n"

    def _set_address(self, pool: str, slot: str, ip: str, port: str) -> str:
        changed = "IP changed from 'a' to 'b', port changed from '1' to '2'"
        done = self._change(pool, slot, ip=ip, http_port=int(port))
        return f"{changed} by 'stats socket command'\n\n" if done == "\n" else done

    def _set_weight(self, pool: str, slot: str, weight: str) -> str:
        return self._change(pool, slot, weight=int(weight))

    def _set_state(self, pool: str, slot: str, state: str) -> str:
        key = (int(pool), int(slot))
        if key in self.slots and MAINT in (state, self.slots[key].server.state):
            # A server that leaves maintenance is up before its first check.
            self.slots[key] = replace(self.slots[key], running=state != MAINT)
        return self._change(pool, slot, state=state)

    def _set_health(self, pool: str, slot: str, _health: str) -> str:
        key = (int(pool), int(slot))
        self.slots[key] = replace(self.slots[key], running=False)
        return "\n"

    def _change(self, pool: str, slot: str, **values: Any) -> str:
        key = (int(pool), int(slot))
        if key not in self.slots:
            return "No such server.\n\n" if any(self._of(pool)) else "No such backend.\n\n"
        held = self.slots[key]
        self.slots[key] = replace(held, server=held.server._replace(**values))
        return "\n"


def _state_row(key: SlotKey, slot: Slot) -> str:
    server = slot.server
    health = f"{2 if slot.running else 0} {_ADMIN_BITS[server.state]} {server.weight} 1"
    names = f"4 pool_{key[0]} {key[1]} {slot_name(*key)} {server.ip}"
    return f"{names} {health} {6 * slot.checked + slot.checking} - {server.http_port}"


def _stat_row(key: SlotKey, slot: Slot) -> str:
    server = slot.server
    names = f"pool_{key[0]},{slot_name(*key)}"
    return f"{names},0,{slot.sessions},{slot.status},{server.weight},2,L4OK,{server.address},"
