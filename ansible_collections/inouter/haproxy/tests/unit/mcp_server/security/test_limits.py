# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often one caller may call."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.security import limits
from ansible_collections.inouter.haproxy.mcp_server.security.limits import RateLimit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that only the test moves."""
    now = [100.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    return now


def test_so_many_at_once_and_then_one_by_one(clock: list[float]) -> None:
    limit = RateLimit(6)
    assert [limit.wait("a") for _n in range(6)] == [0] * 6
    assert limit.wait("a") == pytest.approx(10)
    clock[0] += 4
    assert limit.wait("a") == pytest.approx(6)
    clock[0] += 6
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(10)


def test_callers_do_not_share(clock: list[float]) -> None:
    limit = RateLimit(1)
    assert (limit.wait("a"), limit.wait("b")) == (0, 0)
    assert limit.wait("a") > 0


def test_it_never_saves_up_more_than_a_minute(clock: list[float]) -> None:
    limit = RateLimit(2)
    limit.wait("a")
    clock[0] += 10000
    assert [limit.wait("a") > 0 for _n in range(3)] == [False, False, True]


def test_callers_of_long_ago_are_forgotten(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REMEMBERED", 2)
    limit = RateLimit(1)
    for caller in "abc":
        limit.wait(caller)
    assert limit.wait("c") > 0 and limit.wait("a") == 0
