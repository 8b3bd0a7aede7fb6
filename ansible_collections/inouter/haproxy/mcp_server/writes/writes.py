# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes: module tasks as playbook runs, one at a time a host, from warm processes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import math
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from .environment import SHIM, for_jobs
from .environment import environment as environment_of
from .folder import PrivateFolder
from .fork_server import ForkServer
from .job import Job
from .playbook import playbook
from .task import Busy, HostResult, Task, TaskFailed
from .workers import Worker, Workers

Progress = Callable[[str, float], Awaitable[None]]
SECONDS_BETWEEN_WORDS = 2.0
FIRST_GUESS_SECONDS = 1.0
NOTHING: Mapping[str, str] = MappingProxyType({})

log = logging.getLogger(__name__)


class Writes:
    """Runs tasks on the hosts of an inventory.

    :param inventory: the path of an inventory, or its content
    :param workers: how many writes run at the same time
    :param waiting: how many more may wait
    :param environment: what Ansible's processes get beside what they need, such as the path of a
        vault's password file; they get nothing of this process's own
    """

    def __init__(
        self,
        inventory: Path | dict[str, Any],
        *,
        workers: int = 8,
        waiting: int = 16,
        environment: Mapping[str, str] = NOTHING,
    ) -> None:
        self._inventory = inventory
        self._workers_count, self._most_waiting = workers, waiting
        self._given = environment
        self._jobs: dict[Job, asyncio.Task[None]] = {}
        self._running: dict[Job, Worker] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._number = 0
        self._seconds = FIRST_GUESS_SECONDS

    async def __aenter__(self) -> Self:
        """Start the processes; return when they are warm."""
        self._folder = await asyncio.to_thread(PrivateFolder)
        path = self._folder.path
        common = environment_of(path, self._given)
        self._source = self._inventory_path()
        if not os.access(SHIM / "ansible-playbook", os.X_OK):
            log.warning("%s is not executable: writes are slow, and may outlive a cancel", SHIM)
        self.fork_server = ForkServer(path, common)
        self.workers = Workers(path, for_jobs(path, common), self._workers_count)
        await asyncio.gather(self.fork_server.start(), self.workers.start())
        return self

    @property
    def path(self) -> Path:
        """The private folder."""
        return self._folder.path

    @property
    def pending(self) -> int:
        """How many writes wait or run, also those that are answered but not quite over."""
        return len(self._jobs)

    def _inventory_path(self) -> str:
        if isinstance(self._inventory, dict):
            return str(self._folder.write("inventory.json", json.dumps(self._inventory)))
        return str(self._inventory.absolute())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End what runs, here and on the hosts, and leave nothing behind."""
        for job in list(self._jobs):
            self._cancel(job)
        if self._jobs:
            await asyncio.wait(list(self._jobs.values()))
        await self.workers.stop()
        await self.fork_server.stop()
        await asyncio.to_thread(self._folder.remove)

    async def run(self, task: Task, progress: Progress | None = None) -> list[HostResult]:
        """Run a task, and return the results in the order of its hosts once all have answered.

        Cancelling this call ends the task, here and on the hosts.

        :param progress: called every 2 s with what happens and the seconds since the call
        :raises Busy: too many writes wait already
        :raises TaskFailed: no host gave a result
        """
        waiting = len(self._jobs) - len(self._running)
        if len(self._jobs) >= self._workers_count + self._most_waiting:
            raise Busy(waiting, self._retry_after(waiting))
        self._number += 1
        job = Job(self._number, task)
        carrying = asyncio.create_task(self._carry_out(job))
        self._jobs[job] = carrying
        carrying.add_done_callback(functools.partial(self._forget, job))
        try:
            return await self._answer(job, progress)
        except asyncio.CancelledError:
            self._cancel(job)
            raise

    def _asked(self, job: Job) -> dict[str, Any]:
        folder = self._folder.path / "jobs" / str(job.number)
        return {
            "folder": str(folder),
            "playbook": playbook(job.task, folder / "results"),
            "inventory": self._source,
            "timeout": job.task.timeout,
        }

    async def _carry_out(self, job: Job) -> None:
        """Run the job once its hosts and a worker are free; hold them until nothing of it runs."""
        async with self._hosts(job), self.workers.one() as worker:
            job.waits_for = ""
            try:
                # A long list of domains takes a while to write; reads must not wait for it.
                asked = await asyncio.to_thread(self._asked, job)
            except TaskFailed as error:
                job.fail(error)
                return
            began = job.seconds
            self._running[job] = worker
            try:
                await worker.carry_out(job, asked)
            finally:
                del self._running[job]
                self._seconds += ((job.seconds - began) - self._seconds) / 8

    @contextlib.asynccontextmanager
    async def _hosts(self, job: Job) -> AsyncIterator[None]:
        """Hold the job's hosts, taken in order, so that no two jobs wait for each other."""
        async with contextlib.AsyncExitStack() as held:
            for host in sorted(set(job.task.hosts)):
                job.waits_for = f"another write on {host}"
                await held.enter_async_context(self._locks.setdefault(host, asyncio.Lock()))
            job.waits_for = "a free worker"
            yield

    def _forget(self, job: Job, carried: asyncio.Task[None]) -> None:
        del self._jobs[job]
        if not carried.cancelled() and (error := carried.exception()):
            log.error("a write broke off", exc_info=error)
        job.fail(TaskFailed("The task was not started: it was cancelled, or the server stops."))

    async def _answer(self, job: Job, progress: Progress | None) -> list[HostResult]:
        while progress:
            await asyncio.wait([job.answer], timeout=SECONDS_BETWEEN_WORDS)
            if job.answer.done():
                break
            await progress(job.words(), job.seconds)
        return await job.answer

    def _cancel(self, job: Job) -> None:
        """End a job wherever it is: at work, or in the queue."""
        if job in self._running:
            self._running[job].cancel()
        elif job in self._jobs:
            self._jobs[job].cancel()

    def _retry_after(self, waiting: int) -> float:
        return float(math.ceil(self._seconds * (waiting + 1) / self._workers_count))
