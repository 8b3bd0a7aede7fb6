# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running responder seen as a pipe: bytes in, bytes out, and an end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from ..problems import Unreachable
from .package import command
from .variables import Reach

CHUNK = 65536
LAST_WORDS = 4000


class Pipe(Protocol):
    """What carries questions and answers. Its callbacks are made in the event loop."""

    async def open(self, received: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Start the responder; raises Unreachable. `ended` gets what it wrote as errors."""

    async def write(self, data: bytes) -> None:
        """Send bytes to it."""

    async def close(self) -> None:
        """End it."""


class LocalPipe:
    """A responder that is a child of this process."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._child: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    async def open(self, received: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Start it."""
        words = command(self._reach.python, self._reach.become)
        pipe = asyncio.subprocess.PIPE
        try:
            self._child = await asyncio.create_subprocess_exec(
                *words, stdin=pipe, stdout=pipe, stderr=pipe
            )
        except OSError as error:
            raise Unreachable(f"{words[0]} cannot be started: {error}") from error
        self._pump = asyncio.create_task(self._run(self._child, received, ended))

    async def _run(
        self,
        child: asyncio.subprocess.Process,
        received: Callable[[bytes], None],
        ended: Callable[[str], None],
    ) -> None:
        assert child.stdout and child.stderr
        while data := await child.stdout.read(CHUNK):
            received(data)
        words = await child.stderr.read(LAST_WORDS)
        await child.wait()
        ended(words.decode("utf-8", "replace").strip())

    async def write(self, data: bytes) -> None:
        """Send bytes to it."""
        assert self._child and self._child.stdin
        try:
            self._child.stdin.write(data)
            await self._child.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Unreachable("The responder has ended.") from error

    async def close(self) -> None:
        """Close its input, which ends it."""
        if self._child is None or self._pump is None:
            return
        assert self._child.stdin
        self._child.stdin.close()
        try:
            await asyncio.wait_for(self._pump, 2)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()
