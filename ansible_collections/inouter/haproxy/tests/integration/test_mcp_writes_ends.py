# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes that end early: cancelled, out of time, killed. Nothing runs on, the next one works."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from ansible_collections.inouter.haproxy.mcp_server.writes import folder as folder_module
from ansible_collections.inouter.haproxy.mcp_server.writes.task import TaskFailed
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes

from .lab.managed import ROOT, Managed
from .lab.sshd import Sshd
from .lab.write_lane import (
    connections,
    domain,
    gone,
    held,
    here,
    inventory,
    modules,
    one,
    run,
    stuck,
    until,
    with_writes,
)

pytestmark = pytest.mark.haproxy("3.2")
ROUNDS, HOSTS = 15, ("lb", "lb2", "lb3", "lb4")
MOMENTS = (0.05, 0.12, 0.2, 0.25, 0.3, 0.4)
SERVER = """
import asyncio, sys, pathlib
from ansible_collections.inouter.haproxy.mcp_server.writes import folder
from ansible_collections.inouter.haproxy.mcp_server.writes.task import Task
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes

async def main():
    folder.places = lambda: [pathlib.Path(sys.argv[3])]
    async with Writes(pathlib.Path(sys.argv[1])) as writes:
        print(writes.path, flush=True)
        options = {"base_dir": sys.argv[2], "domain": "a.test", "ip": "127.0.0.1"}
        task = Task(("lb",), "inouter.haproxy.haproxy_domain", {**options, "lock_timeout": 60})
        await writes.run(task)

asyncio.run(main())
"""


async def works(writes: Writes, managed: Managed) -> None:
    """The next write works, and leaves nothing to repair."""
    result = await one(writes, domain(managed, "next.test"))
    assert result.status == "changed", result
    assert "next.test" in managed.runtime_map()
    assert not managed.check("haproxy_state")["changed"]


def test_a_cancelled_write_ends_here_and_on_the_host(managed: Managed, sshd: Sshd) -> None:
    """A module that waits is gone from the host at once, and has changed nothing."""

    async def body(writes: Writes) -> None:
        before = managed.snapshot()
        with held(managed):
            running = await stuck(writes, sshd, domain(managed, "a.test", lock_timeout=60))
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await gone(writes, sshd)
        assert managed.snapshot() == before
        await works(writes, managed)

    run(with_writes(inventory(sshd), body))


def test_a_write_out_of_time_ends_here_and_on_the_host(managed: Managed, sshd: Sshd) -> None:
    """The error names the time, and nothing runs on."""

    async def body(writes: Writes) -> None:
        with held(managed):
            task = domain(managed, "a.test", lock_timeout=60, timeout=2)
            with pytest.raises(TaskFailed, match="did not end within 2 s"):
                await one(writes, task)
            await gone(writes, sshd)
        await works(writes, managed)

    run(with_writes(inventory(sshd), body))


def test_closing_ends_what_runs(managed: Managed, sshd: Sshd) -> None:
    """A server that stops leaves no write behind, and its caller is told."""
    running: list[asyncio.Task[object]] = []

    async def body(writes: Writes) -> None:
        for name in ("a.test", "b.test"):
            task = domain(managed, name, lock_timeout=60)
            running.append(asyncio.create_task(one(writes, task)))
        await until(lambda: modules(sshd), "the module runs")

    async def close() -> None:
        with held(managed):
            await with_writes(inventory(sshd), body)
            assert not modules(sshd)
        for task in running:
            with pytest.raises(TaskFailed):
                await task

    run(close())


def kill(pid: int | None) -> None:
    """SIGKILL a process, which has to be there."""
    assert pid
    os.kill(pid, signal.SIGKILL)


def job_of(fork_server: int | None) -> int:
    """The ansible-playbook of the write that runs: the child with a worker of its own."""
    children = psutil.Process(fork_server).children()
    return next(child.pid for child in children if child.children())


Victim = Callable[[Writes], int | None]
VICTIMS: dict[str, Victim] = {
    "worker": lambda writes: next(worker.pid for worker in writes._running.values()),
    "fork-server": lambda writes: writes.fork_server.pid,
    "ssh": lambda writes: connections(writes.path)[0].pid,
}


@pytest.mark.parametrize("victim", [*VICTIMS, "job"])
def test_sigkill_while_the_module_waits(managed: Managed, sshd: Sshd, victim: str) -> None:
    """Whatever is killed, the module on the host ends, the caller is told, the next call works."""

    async def body(writes: Writes) -> None:
        before = managed.snapshot()
        with held(managed):
            running = await stuck(writes, sshd, domain(managed, "a.test", lock_timeout=60))
            find = {**VICTIMS, "job": lambda writes: job_of(writes.fork_server.pid)}[victim]
            kill(find(writes))
            try:
                assert (await running).status == "unreachable"
            except TaskFailed as error:
                assert "ended" in str(error)
            await gone(writes, sshd)
        assert managed.snapshot() == before
        await works(writes, managed)

    run(with_writes(inventory(sshd), body))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("victim", VICTIMS)
def test_sigkill_at_any_moment(managed: Managed, sshd: Sshd, victim: str) -> None:
    """At any moment of a write: after the next call, the domain is there in full or not at all."""

    async def body(writes: Writes) -> None:
        await one(writes, domain(managed, "first.test"))
        for number, seconds in enumerate(MOMENTS):
            name = f"d{number}.test"
            running = asyncio.create_task(one(writes, domain(managed, name)))
            await asyncio.sleep(seconds)
            if victim != "worker" or writes._running:
                kill(VICTIMS[victim](writes))
            await asyncio.wait([running])
            running.exception()
            again = await one(writes, domain(managed, name))
            assert again.status in ("ok", "changed"), again
            assert not managed.check("haproxy_state")["changed"]
            assert name in managed.runtime_map()
        await gone(writes, sshd)

    run(with_writes(inventory(sshd), body))


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for private folders that no server of another test sweeps."""
    with tempfile.TemporaryDirectory(dir=folder_module.places()[0], prefix="t-") as made:
        monkeypatch.setattr(folder_module, "places", lambda: [Path(made)])
        yield Path(made)


def test_sigkill_of_the_server(managed: Managed, sshd: Sshd, tmp_path: Path, place: Path) -> None:
    """What it started ends with it, here and on the host; the next one sweeps its folder."""
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(yaml.safe_dump(inventory(sshd)))
    command = [sys.executable, "-c", SERVER, str(hosts), str(managed.base_dir), str(place)]
    with (
        held(managed),
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout
        folder = Path(server.stdout.readline().strip())

        async def kill_it() -> None:
            await until(lambda: len(modules(sshd)) == 2, "the module runs")
            server.kill()
            await until(lambda: not modules(sshd), "the module is gone from the host")
            kept = connections(folder)
            await until(lambda: len(here(folder)) == len(kept), "all processes are gone")

        run(kill_it())
    assert folder.exists()

    async def body(writes: Writes) -> None:
        assert not folder.exists() and not here(folder)
        await works(writes, managed)

    run(with_writes(inventory(sshd), body))


@pytest.mark.timeout(300)
def test_many_writes_leave_nothing(managed: Managed, sshd: Sshd) -> None:
    """No file, no process and no open file more after many writes; see bench/ for the memory."""

    async def body(writes: Writes) -> None:
        async def some(rounds: int) -> tuple[list[str], int, int]:
            for _round in range(rounds):
                tasks = [domain(managed, f"{host}.test", host) for host in HOSTS]
                await asyncio.gather(*(one(writes, task) for task in tasks))
            await gone(writes, sshd)
            path = writes.path
            files = sorted(str(p) for p in path.rglob("*") if "/modules/" not in str(p))
            return files, len(here(path)), psutil.Process().num_fds()

        lasting = [psutil.Process(pid) for pid in (*writes.workers.pids(), writes.fork_server.pid)]
        assert [process.num_threads() for process in lasting] == [1] * len(lasting)
        before = await some(2)
        assert await some(ROUNDS) == before

    run(with_writes(inventory(sshd, *HOSTS), body))
