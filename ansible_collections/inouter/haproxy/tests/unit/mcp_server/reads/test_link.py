# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions and answers over a pipe that the test plays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.problems import ReadFailed, Unreachable
from ansible_collections.inouter.haproxy.mcp_server.reads import link as module
from ansible_collections.inouter.haproxy.mcp_server.reads.link import Link


class Played:
    """A responder that says what the test wants."""

    def __init__(self, begins: bytes = b'{"ready":true}\n', broken: bool = False) -> None:
        self.begins, self.broken = begins, broken
        self.asked: list[dict[str, Any]] = []
        self.closed = False

    async def open(self, received: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        self.received, self.ended = received, ended

    async def write(self, data: bytes) -> None:
        if data[:1] == b"{":
            self.asked.append(json.loads(data))
        elif self.broken:
            asyncio.get_running_loop().call_later(0.01, self.ended, "no python3 here")
            raise Unreachable("Socket is closed")
        elif self.begins:
            self.received(self.begins)

    async def close(self) -> None:
        self.closed = True

    def answer(self, number: int, **document: Any) -> None:
        """Say a line, in two pieces."""
        line = json.dumps({"id": number, **document}).encode() + b"\n"
        self.received(line[:5])
        self.received(line[5:])


def talk(use: Callable[[Link, Played], Awaitable[None]], played: Played | None = None) -> None:
    """Start a link and use it."""

    async def run() -> None:
        pipe = played or Played()
        link = Link(pipe)
        await link.start()
        await use(link, pipe)

    asyncio.run(run())


def asking(link: Link, seconds: float = 5) -> asyncio.Task[dict[str, Any]]:
    """Ask in the background."""
    return asyncio.create_task(link.ask({"read": "x"}, seconds))


def test_answers_in_any_order() -> None:
    async def use(link: Link, played: Played) -> None:
        first, second = asking(link), asking(link)
        await asyncio.sleep(0)
        played.answer(2, answer={"n": 2})
        played.answer(99, answer={})
        played.answer(1, answer={"n": 1})
        assert (await first, await second) == ({"n": 1}, {"n": 2})

    talk(use)


def test_errors_of_the_core() -> None:
    async def use(link: Link, played: Played) -> None:
        asked = asking(link)
        await asyncio.sleep(0)
        played.answer(1, error={"kind": "UnknownDomain", "message": "no"})
        with pytest.raises(ReadFailed, match="no") as caught:
            await asked
        assert caught.value.kind == "UnknownDomain" and not link.broken

    talk(use)


def test_an_end_reaches_all_who_wait() -> None:
    async def use(link: Link, played: Played) -> None:
        asked = [asking(link) for _n in range(3)]
        await asyncio.sleep(0)
        played.ended("Killed")
        for one in asked:
            with pytest.raises(Unreachable, match="ended: Killed"):
                await one
        with pytest.raises(Unreachable, match="ended: Killed"):
            await link.ask({"read": "x"}, 5)
        assert len(played.asked) == 3

    talk(use)


def test_silence_ends_the_link() -> None:
    async def use(link: Link, _played: Played) -> None:
        with pytest.raises(Unreachable, match="did not answer 'x' within 0.05 s"):
            await link.ask({"read": "x"}, 0.05)
        assert link.broken

    talk(use)


def test_a_call_that_is_given_up_leaves_nothing() -> None:
    async def use(link: Link, played: Played) -> None:
        asked = asking(link)
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.sleep(0)
        played.answer(1, answer={})
        assert not link.broken and not link._open

    talk(use)


@pytest.mark.parametrize(
    ("played", "words"),
    [
        (Played(begins=b""), "did not answer within 0.1 s"),
        (Played(broken=True), "ended: no python3 here"),
    ],
    ids=["silent", "broken"],
)
def test_starts_that_fail(played: Played, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.1)
    with pytest.raises(Unreachable, match=words):
        talk(_nothing, played)
    assert played.closed


async def _nothing(_link: Link, _played: Played) -> None:
    """Use it for nothing."""
