# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that tools work with: the inventory, the way to read, the way to write."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from .configuration.inventory import Host, Inventory
from .configuration.options import Options, own_python
from .metrics import Metrics
from .problems import ConfigurationProblem, HostProblem
from .reads.reads import Reads
from .reads.variables import reach
from .writes.task import HostResult, Task, WriteError
from .writes.writes import Writes

CONVERGE_SECONDS = 600.0
log = logging.getLogger("inouter.haproxy.site")

Progress = Callable[[str, float], Awaitable[None]]


class Lane(Protocol):
    """What carries module tasks out."""

    async def run(self, task: Task, progress: Progress | None = None) -> list[HostResult]:
        """The results of one task; raises WriteError."""


class Site:
    """The hosts that one server serves."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.metrics = Metrics()
        self.reads = Reads()
        self.converged: dict[str, str] = {}
        """What the start did on each host."""
        self.began = time.monotonic()
        source = self._source()
        self.inventory = Inventory(source, options.target, ansible_environment(options))
        self._writes: Lane | None = None

    def _source(self) -> Path | dict[str, Any]:
        found = self.options.inventory
        return found or self.options.installation.inventory(own_python())

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Have the processes that write, and make the hosts agree with their databases."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.reads.close)
            if not self.options.read_only:
                self._writes = await stack.enter_async_context(self._lane())
            starting = asyncio.create_task(self._start())
            stack.push_async_callback(_ended, starting)
            yield

    def _lane(self) -> Writes:
        return Writes(
            self._source(),
            workers=self.options.workers,
            waiting=self.options.waiting,
            environment=ansible_environment(self.options),
        )

    async def write(self, task: Task, progress: Progress | None = None) -> list[HostResult]:
        """Run a task; raises WriteError."""
        assert self._writes is not None, "a server that only reads offers no tool that writes"
        with self.metrics.writing.track_inprogress():
            return await self._writes.run(task, progress)

    def defaults(self, module: str) -> Mapping[str, Any]:
        """What the configuration says of a module's options."""
        if module == "haproxy_server_state" and self.options.state_file:
            return {"state_file": self.options.state_file}
        return {}

    async def _start(self) -> None:
        if self.options.read_only or not self.options.converge:
            return
        try:
            hosts = await self.inventory.usual_hosts()
        except ConfigurationProblem as error:
            log.error("%s", error)
            return
        # No more at once than there are workers: callers have the places to wait for one.
        turns = asyncio.Semaphore(self.options.workers)
        await asyncio.gather(*(self._converge(host, turns) for host in hosts))

    async def _converge(self, host: Host, turns: asyncio.Semaphore) -> None:
        """Make one host agree with its database, and say what that took."""
        try:
            async with turns:
                said = await self._settings(host) + await self._convergence(host)
        except (WriteError, HostProblem, ConfigurationProblem) as error:
            said = f"not converged: {error}"
        self.converged[host.name] = said
        log.info("%s: %s", host.name, said)

    async def _settings(self, host: Host) -> str:
        """Pools, slots and container, where the environment of an old installation names them."""
        settings = dict(self.options.installation.settings)
        if not settings:
            return ""
        changed = (await self._run(host, "haproxy_instance", settings))["changed"]
        return "settings changed, a reload is needed; " if changed else ""

    async def _convergence(self, host: Host) -> str:
        result = await self._run(host, "haproxy_state", {"state": "converged"})
        if not result.get("changed"):
            return "agrees with its database"
        names = [f"{d['kind']} {d['name']}" for d in result.get("differences", [])]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        return f"made to agree with its database: {', '.join(names[:5])}{more}"

    async def _run(self, host: Host, module: str, options: dict[str, Any]) -> dict[str, Any]:
        arguments = {**places(host), **options}
        name = f"inouter.haproxy.{module}"
        (found,) = await self.write(Task((host.name,), name, arguments, timeout=CONVERGE_SECONDS))
        if found.status in ("failed", "unreachable"):
            raise HostProblem(str(found.result.get("msg", found.status)))
        return found.result


def places(host: Host) -> dict[str, str]:
    """The options of every module that say where the host's HAProxy is."""
    reached = reach(host)
    runtime = {"runtime_api": reached.runtime_api} if reached.runtime_api else {}
    return {"base_dir": reached.base_dir, **runtime}


def ansible_environment(options: Options) -> dict[str, str]:
    """What Ansible's own processes get of this process's environment."""
    names = ("PATH", "HOME", "USER", "SSH_AUTH_SOCK", "TMPDIR")
    given = options.environment
    return {name: value for name, value in given.items() if name in names or _of_ansible(name)}


def _of_ansible(name: str) -> bool:
    return name.startswith("ANSIBLE_")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
