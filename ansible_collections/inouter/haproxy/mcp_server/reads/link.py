# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to one running responder, and the answers that belong to them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

from ..problems import ReadFailed, Unreachable
from .package import packed
from .pipe import Pipe

START_SECONDS = 20.0
LAST_WORDS_SECONDS = 2.0


class Link:
    """One responder. Any number of questions may be open; answers come in any order."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._rest = b""
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.broken = ""
        """Why no more questions can be asked, or nothing."""

    async def start(self) -> None:
        """Start the responder and wait until it is ready; raises Unreachable."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._pipe.open(self._received, self._ended)
                await self._send_core()
                await self._ready
        except TimeoutError:
            await self.close()
            raise Unreachable(f"The host did not answer within {START_SECONDS:g} s.") from None
        except BaseException:
            await self.close()
            raise

    async def _send_core(self) -> None:
        try:
            await self._pipe.write(packed())
        except Unreachable:
            # Why it has ended, which comes a moment later, says more than that it has.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._ready), LAST_WORDS_SECONDS)
            raise

    async def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer; raises ReadFailed, or Unreachable where none comes."""
        if self.broken:
            raise Unreachable(self.broken)
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            async with asyncio.timeout(seconds):
                line = json.dumps({"id": number, **question}, separators=(",", ":"))
                await self._pipe.write(line.encode() + b"\n")
                return await self._told(answer)
        except TimeoutError:
            self.broken = f"The host did not answer {question['read']!r} within {seconds:g} s."
            raise Unreachable(self.broken) from None
        finally:
            self._open.pop(number, None)

    async def _told(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        document = await answer
        if "error" in document:
            raise ReadFailed(document["error"]["kind"], document["error"]["message"])
        found: dict[str, Any] = document["answer"]
        return found

    def _received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            document = json.loads(line)
            if "ready" in document:
                if not self._ready.done():
                    self._ready.set_result(None)
            elif (answer := self._open.get(document["id"])) and not answer.done():
                answer.set_result(document)

    def _ended(self, words: str) -> None:
        self.broken = f"The responder on the host ended{f': {words[-1500:]}' if words else '.'}"
        futures: list[asyncio.Future[Any]] = [self._ready, *self._open.values()]
        for waiting in futures:
            if not waiting.done():
                waiting.set_exception(Unreachable(self.broken))
                waiting.exception()  # it may be that nobody waits any more

    async def close(self) -> None:
        """End the responder."""
        self.broken = self.broken or "The connection was closed."
        await self._pipe.close()
