# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP client that shows each answer and each failure as it is."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

Address = tuple[str, int]


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    body: str


class Sample(NamedTuple):
    """One try: when it ended, and its answer or what went wrong."""

    at: float
    answer: Answer | None
    error: str = ""


class KeepAlive:
    """One connection for many requests, which never connects again by itself."""

    def __init__(self, addr: Address, timeout: float = 5) -> None:
        self._connection = http.client.HTTPConnection(*addr, timeout=timeout)
        self._connection.connect()
        self._connection.auto_open = 0

    def get(self, host: str, path: str = "/", **headers: str) -> Answer:
        """Send a request; raise OSError or HTTPException when the connection broke."""
        self._connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **headers}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read().decode(errors="replace"))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> KeepAlive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def get(addr: Address, host: str, path: str = "/", timeout: float = 5) -> Answer:
    """Send one request over a fresh connection."""
    with KeepAlive(addr, timeout) as connection:
        return connection.get(host, path, Connection="close")


def sample(addr: Address, host: str, timeout: float = 5) -> Sample:
    """Try one request; a failure is a result, too."""
    try:
        answer = get(addr, host, timeout=timeout)
    except (OSError, http.client.HTTPException) as error:
        return Sample(time.monotonic(), None, f"{type(error).__name__}: {error}")
    return Sample(time.monotonic(), answer)


def poll(
    addr: Address,
    host: str,
    every: float = 0.01,
    until: Callable[[Sample], bool] = lambda _: False,
    within: float = 10,
) -> list[Sample]:
    """Send requests until one satisfies `until` or the time is over; return all of them."""
    deadline = time.monotonic() + within
    samples = [sample(addr, host)]
    while not until(samples[-1]) and time.monotonic() < deadline:
        time.sleep(every)
        samples.append(sample(addr, host))
    return samples
