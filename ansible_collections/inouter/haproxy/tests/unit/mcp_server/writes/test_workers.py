# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes come when they are needed, and no more than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.workers import Worker, Workers


class Started:
    """Stands in for a process."""

    is_alive = True


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workers:
    """Give workers of whom three may be there."""

    async def start(_folder: Path, _environment: Mapping[str, str]) -> Started:
        return Started()

    monkeypatch.setattr(Worker, "start", start)
    return Workers(tmp_path, {}, 3)


def test_more_come_when_they_are_needed(workers: Workers) -> None:
    async def use() -> list[int]:
        await workers.start()
        counts = [len(workers._all)]
        for _round in range(2):
            async with AsyncExitStack() as held:
                for _writer in range(3):
                    await held.enter_async_context(workers.one())
                counts.append(len(workers._all))
        return counts

    assert asyncio.run(use()) == [2, 3, 3]


def test_a_further_one_waits(workers: Workers) -> None:
    async def use() -> None:
        async with AsyncExitStack() as held:
            for _writer in range(3):
                await held.enter_async_context(workers.one())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(held.enter_async_context(workers.one()), 0.05)
        async with workers.one():
            assert len(workers._all) == 3

    asyncio.run(use())


def test_one_that_died_is_not_given_again(workers: Workers) -> None:
    async def use() -> None:
        async with workers.one() as first:
            first.is_alive = False  # type: ignore[misc]
        async with workers.one() as second:
            assert second.is_alive
        assert workers._all == {second}

    asyncio.run(use())
