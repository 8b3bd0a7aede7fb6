# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's write lane over the lab's SSH, with what it runs here and on the host."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import psutil

from ansible_collections.inouter.haproxy.mcp_server.writes.task import HostResult, Task
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes

from . import children
from .managed import Managed
from .sshd import Sshd

DOMAIN = "inouter.haproxy.haproxy_domain"
HOST = "lb"
PATIENCE = 30.0


def inventory(sshd: Sshd, *names: str, **more: object) -> dict[str, Any]:
    """Hosts of these names, all of them this server, in a group `lbs`."""
    variables = {**sshd.inventory_vars(), **more}
    hosts = dict.fromkeys(names or (HOST,), variables)
    return {"all": {"children": {"lbs": {"hosts": hosts}}}}


def domain(managed: Managed, name: str, *hosts: str, **more: Any) -> Task:
    """A task that adds a domain."""
    settings = {key: more.pop(key) for key in ("check", "secret", "timeout") if key in more}
    options = {"base_dir": str(managed.base_dir), "domain": name, "ip": "127.0.0.1", **more}
    return Task(hosts or (HOST,), DOMAIN, options, **settings)


async def one(writes: Writes, task: Task) -> HostResult:
    """Run a task of one host."""
    (result,) = await writes.run(task)
    return result


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine; one that hangs fails the test before pytest ends the process."""
    asyncio.run(asyncio.wait_for(coroutine, 250))


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"not within {PATIENCE:g} s: {what}")
        await asyncio.sleep(0.01)


@contextlib.contextmanager
def held(managed: Managed) -> Iterator[None]:
    """Hold the instance's lock, so that a write waits on the host until this ends."""
    with (managed.base_dir / "run/inouter.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def modules(sshd: Sshd) -> list[psutil.Process]:
    """The processes of modules on the host: the supervisor and its child."""
    assert sshd._child
    return [p for p in _processes(children.family(sshd._child)) if "python" in _name(p)]


def here(folder: Path) -> list[psutil.Process]:
    """The processes of a write lane here: all whose environment or words name its folder."""
    return [p for p in psutil.process_iter() if _names(p, str(folder))]


def connections(folder: Path) -> list[psutil.Process]:
    """The SSH clients that keep the connections of a write lane open."""
    return [process for process in here(folder) if "[mux]" in _name(process, words=True)]


async def stuck(writes: Writes, sshd: Sshd, task: Task) -> asyncio.Task[HostResult]:
    """Start a write and wait until its module runs on the host."""
    running = asyncio.create_task(one(writes, task))
    await until(lambda: len(modules(sshd)) == 2 or running.done(), "the module runs")
    assert not running.done(), running.result()
    return running


async def gone(writes: Writes, sshd: Sshd) -> None:
    """Wait until nothing of any job runs, here or on the host."""
    path = writes.path
    await until(lambda: not modules(sshd), "the module is gone from the host")
    await until(lambda: not list((path / "jobs").iterdir()), "the job's folder is gone")
    lasting = {*writes.workers.pids(), writes.fork_server.pid}
    await until(lambda: {p.pid for p in _jobs(path)} <= lasting, "the job's processes are gone")


def _jobs(folder: Path) -> list[psutil.Process]:
    kept = {process.pid for process in connections(folder)}
    return [process for process in here(folder) if process.pid not in kept]


def _processes(pids: list[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)


def _name(process: psutil.Process, words: bool = False) -> str:
    """The name of a process, or all its words; nothing where it is gone."""
    try:
        return " ".join(process.cmdline()) if words else process.name()
    except psutil.NoSuchProcess:
        return ""


def _names(process: psutil.Process, text: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return text in " ".join([*process.cmdline(), *process.environ().values()])
    except psutil.Error:
        return False


Body = Callable[[Writes], Awaitable[None]]


async def with_writes(hosts: Path | dict[str, Any], body: Body, **settings: Any) -> None:
    """Run a test's body with a write lane, and see that the lane leaves nothing."""
    async with Writes(hosts, **settings) as writes:
        path = writes.path
        await body(writes)
    await until(lambda: not here(path), "all processes are gone")
    assert not path.exists()
