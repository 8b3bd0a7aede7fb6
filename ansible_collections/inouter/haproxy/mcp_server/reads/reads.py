# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of every host: one warm responder each, started when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, NamedTuple

from ..configuration.inventory import Host
from ..problems import Unreachable
from .link import Link
from .pipe import LocalPipe, Pipe
from .ssh_pipe import SshPipe
from .variables import LOCAL, Reach, reach

ANSWER_SECONDS = 20.0
REST_SECONDS = 2.0


class _Failure(NamedTuple):
    at: float
    message: str


class HostReads:
    """One host's responder, which is started again after it was lost."""

    def __init__(self, reached: Reach) -> None:
        self.reach = reached
        self.starts = 0
        self._link: Link | None = None
        self._failure = _Failure(float("-inf"), "")
        self._lock = asyncio.Lock()

    async def ask(
        self, read: str, arguments: dict[str, Any], seconds: float = ANSWER_SECONDS
    ) -> dict[str, Any]:
        """The core's answer; raises ReadFailed or Unreachable. A lost connection is made anew."""
        question = {
            "read": read,
            "arguments": arguments,
            "base_dir": self.reach.base_dir,
            "runtime_api": self.reach.runtime_api,
        }
        link = await self._started()
        try:
            return await link.ask(question, seconds)
        except Unreachable:
            await link.close()
            return await (await self._started()).ask(question, seconds)

    async def _started(self) -> Link:
        async with self._lock:
            if self._link is not None and not self._link.broken:
                return self._link
            if time.monotonic() - self._failure.at < REST_SECONDS:
                raise Unreachable(self._failure.message)
            if self._link is not None:
                await self._link.close()
            self._link = await self._new()
            return self._link

    async def _new(self) -> Link:
        pipe: Pipe = (
            LocalPipe(self.reach) if self.reach.connection == LOCAL else SshPipe(self.reach)
        )
        link = Link(pipe)
        try:
            await link.start()
        except Unreachable as error:
            self._failure = _Failure(time.monotonic(), str(error))
            raise
        self.starts += 1
        return link

    async def close(self) -> None:
        """End the responder."""
        if self._link is not None:
            with contextlib.suppress(Unreachable):
                await self._link.close()


class Reads:
    """The responders of all hosts that were asked something."""

    def __init__(self) -> None:
        self._hosts: dict[str, HostReads] = {}
        self._known: dict[str, Host] = {}

    async def ask(
        self, host: Host, read: str, arguments: dict[str, Any], seconds: float = ANSWER_SECONDS
    ) -> dict[str, Any]:
        """The answer of one host's core; raises HostProblem or ConfigurationProblem."""
        return await (await self._of(host)).ask(read, arguments, seconds)

    async def _of(self, host: Host) -> HostReads:
        # To work out the variables costs more than to read; they change with the inventory alone.
        if self._known.get(host.name) is host:
            return self._hosts[host.name]
        wanted = reach(host)
        held = self._hosts.get(host.name)
        if held is None or held.reach != wanted:
            self._hosts[host.name] = HostReads(wanted)
            if held is not None:
                await held.close()
        self._known[host.name] = host
        return self._hosts[host.name]

    def connected(self) -> dict[str, int]:
        """How often the responder of each host was started."""
        return {name: held.starts for name, held in self._hosts.items()}

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(held.close() for held in self._hosts.values()))
