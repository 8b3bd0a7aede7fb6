# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated HAProxy whose maps have versions, and which from 3.4 on can be given pools."""

from __future__ import annotations

import re

from .simulated import Entry, Simulated, Slot

_HANDLERS = (
    (r"prepare map (\S+)", "_prepare"),
    (r"add map @(\d+) (\S+) <<\n((?:\S+ [^\n]+\n)+)\n?", "_fill"),
    (r"commit map @(\d+) (\S+)", "_commit"),
    (r"clear map @(\d+) (\S+)", "_clear"),
    (r"add backend pool_(\d+) from (\S+)", "_add_backend"),
    (r"publish backend pool_(\d+)", "_publish_backend"),
    (r"add server pool_(\d+)/pool_\1_(\d+) 192\.0\.2\.1:80(.*)", "_add_server"),
    (r"enable health pool_(\d+)/pool_\1_(\d+)", "_enable_health"),
)


class Versioned(Simulated):
    """`prepared` holds versions of maps by number; `published` the pools made at run time."""

    def __init__(self, conf: str, pools: int, slots: int, version: str = "3.4.7-1") -> None:
        super().__init__(conf, pools, slots, version)
        self.prepared: dict[int, list[Entry]] = {}
        self.published: dict[int, bool] = {}
        self.requests = 0

    def execute(self, command: str) -> str:
        """The reply to one command; the log has no payloads."""
        for pattern, handler in _HANDLERS:
            match = re.fullmatch(pattern, command)
            if match:
                self.log.append(command.partition(" <<")[0])
                refusal = self.refuse(command)
                reply: str = refusal or getattr(self, handler)(*match.groups())
                return reply
        return super().execute(command)

    def _prepare(self, path: str) -> str:
        if path not in self.maps:
            return "Unknown map identifier. Please use #<id> or <file>.\n\n"
        number = max(self.prepared, default=0) + 1
        self.prepared[number] = []
        return f"New version created: {number}\n\n"

    def _fill(self, number: str, path: str, lines: str) -> str:
        held, self.maps[path] = self.maps[path], self.prepared[int(number)]
        for line in lines.splitlines():
            self.put(path, *line.split(" ", 1))
        self.maps[path] = held
        return "\n"

    def _commit(self, number: str, path: str) -> str:
        self.maps[path] = self.prepared[int(number)]
        return "\n"

    def _clear(self, number: str, _path: str) -> str:
        self.prepared[int(number)] = []
        return "\n"

    def _add_backend(self, pool: str, defaults: str) -> str:
        assert defaults == "pools"
        if int(pool) in self.published or any(self._of(pool)):
            name = f"name is already used by other proxy 'backend pool_{pool}'."
            return f"Error during backend creation : {name}\n\n"
        self.published[int(pool)] = False
        return "New backend registered.\n\n"

    def _publish_backend(self, pool: str) -> str:
        self.published[int(pool)] = True
        return "Backend published.\n\n"

    def _add_server(self, pool: str, slot: str, _options: str) -> str:
        key = (int(pool), int(slot))
        if key in self.slots:
            return "Already exists a server with the same name in backend.\n\n"
        self.slots[key] = Slot(checked=False)
        return "New server registered.\n\n"

    def _enable_health(self, pool: str, slot: str) -> str:
        key = (int(pool), int(slot))
        self.slots[key] = Slot(self.slots[key].server, self.slots[key].running)
        return "\n"
