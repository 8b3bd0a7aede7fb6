# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fork server, seen from the server: started, watched, started again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from .environment import COLLECTIONS, for_fork_server

MODULE = f"{__package__}.forks.serve"
MOST_FAILURES = 3
SECONDS_TO_LOAD = 60.0
SECONDS_TO_END = 10.0

log = logging.getLogger(__name__)


class ForkServer:
    """Keeps one fork server behind the socket `folder/forks`.

    The socket is this process's, so that jobs wait while a new one loads. When it fails again and
    again, the socket is removed, and the shim runs the plain ansible-playbook.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._path = folder / "forks"
        self._environment = for_fork_server(environment)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Start it and wait until it is loaded, or cannot be had."""
        self._listener.bind(str(self._path))
        self._path.chmod(0o600)
        self._listener.listen(128)
        self._watching = asyncio.create_task(self._watch())
        await self._ready.wait()

    @property
    def pid(self) -> int | None:
        """The number of the process that runs now."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def _watch(self) -> None:
        failures = 0
        while failures < MOST_FAILURES:
            failures = 0 if await self._run_one() else failures + 1
        log.error("the fork server does not start; each write runs a plain ansible-playbook")
        self._close()
        self._ready.set()

    async def _run_one(self) -> bool:
        """Start a process and wait until it ends; whether it was ready in between."""
        process = self._process = await self._start_one()
        assert process.stdout
        with contextlib.suppress(TimeoutError):
            if await asyncio.wait_for(process.stdout.readline(), SECONDS_TO_LOAD):
                self._ready.set()
                status = await process.wait()
                log.warning("the fork server ended (%s); another one is started", status)
                return True
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False

    async def _start_one(self) -> asyncio.subprocess.Process:
        handle = self._listener.fileno()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE, str(handle), str(self._folder / "modules")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=(handle,),
            start_new_session=True,
            cwd=self._folder,
            env={**self._environment, "PYTHONPATH": str(COLLECTIONS)},
        )

    async def stop(self) -> None:
        """End it with its jobs."""
        if self._watching:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._process and self._process.returncode is None:
            await self._end(self._process)
        self._close()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), SECONDS_TO_END)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _close(self) -> None:
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
