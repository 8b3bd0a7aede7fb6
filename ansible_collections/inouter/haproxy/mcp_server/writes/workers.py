# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker processes, seen from the server: started, spoken to, replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from .environment import COLLECTIONS
from .folder import remove_job
from .job import Job

MODULE = f"{__package__}.worker"
LONGEST_LINE = 256 * 1024 * 1024
SECONDS_TO_END = 10.0
ALWAYS = 2

log = logging.getLogger(__name__)


class Worker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path, environment: Mapping[str, str]) -> Worker:
        """Start a process in the private folder, with this environment and no other."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**environment, "PYTHONPATH": str(COLLECTIONS)},
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can carry out another job."""
        return self._process.returncode is None

    async def carry_out(self, job: Job, asked: dict[str, Any]) -> None:
        """Run a job to its very end; its answer comes earlier."""
        self._send({"run": asked})
        while line := await self._hear():
            said = json.loads(line)
            job.take(said)
            if "ended" in said:
                return
        await self._process.wait()
        log.warning("a worker process ended during a write: %s", self._process.returncode)
        job.finish(f"The process that ran the task ended ({self._process.returncode})")
        if not await asyncio.to_thread(remove_job, Path(asked["folder"])):
            log.warning("the folder of that write cannot be removed: %s", asked["folder"])

    async def _hear(self) -> bytes:
        assert self._process.stdout
        return await self._process.stdout.readline()

    def _send(self, said: dict[str, Any]) -> None:
        assert self._process.stdin
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(said).encode() + b"\n")

    def cancel(self) -> None:
        """End the job that runs, here and on the host."""
        self._send({"cancel": True})

    async def stop(self) -> None:
        """Let the process end, with its job."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), SECONDS_TO_END)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Workers:
    """As many processes as writes run at the same time, `count` at most; two are always there."""

    def __init__(self, folder: Path, environment: Mapping[str, str], count: int) -> None:
        self._folder, self._environment = folder, environment
        self._first = min(count, ALWAYS)
        self._free = asyncio.Semaphore(count)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()

    async def start(self) -> None:
        """Start the first ones."""
        self._idle += await asyncio.gather(*(self._new() for _number in range(self._first)))

    async def _new(self) -> Worker:
        worker = await Worker.start(self._folder, self._environment)
        self._all.add(worker)
        return worker

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[Worker]:
        """Give a worker of one's own: an idle one that has not died, else a fresh one."""
        async with self._free:
            worker = self._take() or await self._new()
            try:
                yield worker
            finally:
                self._idle.append(worker)

    def _take(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._all.discard(worker)
        return None

    async def stop(self) -> None:
        """End all, with their jobs."""
        await asyncio.gather(*(worker.stop() for worker in self._all))

    def pids(self) -> list[int]:
        """The processes' numbers."""
        return [worker.pid for worker in self._all]
