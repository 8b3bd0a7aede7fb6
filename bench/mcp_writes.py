# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write of the MCP server costs over SSH, beside a plain `ansible_runner.run` of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import ansible_runner
import psutil
import yaml

from ansible_collections.inouter.haproxy.mcp_server.writes.task import Task
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes
from ansible_collections.inouter.haproxy.tests.integration.lab.managed import ROOT, Managed
from ansible_collections.inouter.haproxy.tests.integration.lab.sshd import Sshd

from .figures import Figure
from .past_ansiballz import past_ansiballz

TURNS, INSTANCES = 15, 8
MANY = 1000
DOMAIN = "inouter.haproxy.haproxy_domain"
# Stands in for Python on a host with a processor of its own: it waits for about as long as the
# host's share of a write took when this was written (see past_ansiballz), and does nothing.
ELSEWHERE = """#!/bin/sh
cat > /dev/null
sleep 0.175
echo '{"changed": true}'
"""
MEGABYTE = 1 << 20


class Site:
    """Some instances, each a host of its own behind one SSH server."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.folder = folder
        self.instances = [Managed(binary, folder / f"lb{n}", 100) for n in range(INSTANCES)]
        self.sshd = Sshd(folder / "sshd")
        self._numbers = itertools.count()
        variables = {
            **self.sshd.inventory_vars(),
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        self._elsewhere = folder / "elsewhere"
        elsewhere = {**variables, "ansible_python_interpreter": str(self._elsewhere)}
        hosts = {f"lb{n}": variables for n in range(INSTANCES)}
        hosts |= {f"far{n}": elsewhere for n in range(INSTANCES)}
        self.inventory = {"all": {"hosts": hosts}}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start HAProxies and the SSH server, and stop them."""
        with contextlib.ExitStack() as stack:
            self.folder.mkdir(exist_ok=True)
            (self.folder / "sshd").mkdir()
            self._elsewhere.write_text(ELSEWHERE)
            self._elsewhere.chmod(0o755)
            self.sshd.start()
            stack.callback(self.sshd.stop)
            for managed in self.instances:
                managed.start()
                stack.callback(managed.process.stop)
            yield

    def options(self, number: int) -> dict[str, object]:
        """The options of a task that moves the one domain to a new address: always a change."""
        last = next(self._numbers)
        address = f"127.{last >> 8 & 255}.{last & 255}.1"
        base_dir = str(self.instances[number].base_dir)
        return {"base_dir": base_dir, "domain": "bench.test", "ip": address}


async def one(writes: Writes, site: Site, number: int = 0, kind: str = "lb") -> float:
    """Milliseconds until a write has its answer."""
    began = time.perf_counter()
    host = f"{kind}{number}"
    (result,) = await writes.run(Task((host,), DOMAIN, site.options(number)))
    assert result.status == "changed", result
    return (time.perf_counter() - began) * 1000


def plain(site: Site) -> float:
    """Milliseconds of the same by ansible-runner alone."""
    began = time.perf_counter()
    private = Path(tempfile.mkdtemp(dir=site.folder))
    playbook = private / "playbook.yml"
    tasks = [{DOMAIN: site.options(0), "diff": True}]
    playbook.write_text(yaml.safe_dump([{"hosts": "lb0", "gather_facts": False, "tasks": tasks}]))
    run = ansible_runner.run(
        private_data_dir=str(private),
        playbook=str(playbook),
        inventory=site.inventory,
        envvars={"ANSIBLE_CONFIG": f"{ROOT}/ansible.cfg", "ANSIBLE_COLLECTIONS_PATH": str(ROOT)},
        quiet=True,
    )
    assert run.rc == 0, run.stdout.read()
    shutil.rmtree(private)
    return (time.perf_counter() - began) * 1000


async def idle(writes: Writes) -> None:
    """Wait until nothing of any job runs."""
    while writes.pending:
        await asyncio.sleep(0.01)


async def against_plain(writes: Writes, site: Site) -> AsyncIterator[Figure]:
    """One write at a time, in turns with the plain way."""
    ours, theirs = [], []
    for _turn in range(TURNS):
        ours.append(await one(writes, site))
        await idle(writes)
        theirs.append(plain(site))
    warm, cold = statistics.median(ours), statistics.median(theirs)
    yield Figure("a write over SSH by plain ansible_runner.run", cold, "ms")
    yield Figure("a write over SSH by the MCP server", warm, "ms", "plain", warm / cold)


async def eight(writes: Writes, site: Site, kind: str = "lb") -> float:
    """Milliseconds until eight writes on eight hosts have their answers."""
    began = time.perf_counter()
    await asyncio.gather(*(one(writes, site, number, kind) for number in range(INSTANCES)))
    return (time.perf_counter() - began) * 1000


async def at_once(writes: Writes, site: Site) -> AsyncIterator[Figure]:
    """Eight writes on eight hosts, in turns with one alone.

    The instances share this machine's processors with all that sends the writes. The stand-ins
    only wait, as hosts with processors of their own would cost this one nothing.
    """
    for kind, name in (("lb", "instances on this machine"), ("far", "stand-ins that only wait")):
        await eight(writes, site, kind)
        alone, together = [], []
        for turn in range(TURNS):
            await idle(writes)
            alone.append(await one(writes, site, turn % INSTANCES, kind))
            await idle(writes)
            together.append(await eight(writes, site, kind))
        single, all_eight = statistics.median(alone), statistics.median(together)
        yield Figure(
            f"8 writes at once to 8 {name}", all_eight, "ms", "one write", all_eight / single
        )


async def processor(writes: Writes, site: Site) -> AsyncIterator[Figure]:
    """What a write costs here and on its host, and so the least that eight at once can take."""
    assert site.sshd._child
    sessions = psutil.Process(site.sshd._child.pid).children()
    here = [psutil.Process(pid) for pid in (*writes.workers.pids(), writes.fork_server.pid)]
    await idle(writes)
    before, taken = (seconds(here), seconds(sessions)), []
    for _turn in range(TURNS):
        taken.append(await one(writes, site))
        await idle(writes)
    after = seconds(here), seconds(sessions)
    each = [(last - first) * 1000 / TURNS for first, last in zip(before, after, strict=True)]
    for name, spent in zip(("here", "on its host"), each, strict=True):
        yield Figure(f"processor time of a write {name}", spent, "ms")
    count = len(os.sched_getaffinity(0))
    least = INSTANCES * sum(each) / count
    name = f"8 times both on the {count} processors of this machine, with no time lost"
    yield Figure(name, least, "ms", "one write", least / statistics.median(taken))


def seconds(processes: list[psutil.Process]) -> float:
    """Processor time of processes and of what they started."""
    times = [process.cpu_times() for process in processes]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def memory(writes: Writes) -> float:
    """Megabytes of the processes that last, this one included."""
    pids = [os.getpid(), *writes.workers.pids(), writes.fork_server.pid]
    return sum(psutil.Process(pid).memory_full_info().uss for pid in pids) / MEGABYTE


async def many(writes: Writes, site: Site) -> AsyncIterator[Figure]:
    """What grows over many writes."""
    await eight(writes, site)
    await idle(writes)
    before, left = memory(writes), leftovers(writes)
    for _round in range(MANY // INSTANCES):
        await eight(writes, site)
    await idle(writes)
    after = memory(writes)
    yield Figure(f"memory after {MANY} writes", after, "MB", "before", after / before)
    files = leftovers(writes) - left
    yield Figure(f"files and processes left by {MANY} writes", float(files), "")


def leftovers(writes: Writes) -> int:
    """How many files the lane holds, and how many processes it started."""
    children = psutil.Process().children(recursive=True)
    return len(list(writes.path.rglob("*"))) + len(children)


def writes(binary: Path, folder: Path) -> Iterator[Figure]:
    """All figures of the write lane."""
    site = Site(binary, folder / "writes")

    async def taken() -> list[Figure]:
        async with Writes(site.inventory) as lane:
            return [
                figure
                for bench in (against_plain, at_once, processor, many)
                async for figure in bench(lane, site)
            ]

    with site.running():
        yield from asyncio.run(taken())
        yield from past_ansiballz(site.sshd, site.instances[0])
