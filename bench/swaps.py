# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests feel of it when a map of 100,000 entries is swapped."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from ansible_collections.inouter.haproxy.tests.integration.lab.http import (
    Address,
    Answer,
    KeepAlive,
)
from ansible_collections.inouter.haproxy.tests.integration.lab.managed import Managed
from ansible_collections.inouter.haproxy.tests.integration.lab.origins import Origins

from .domains import Items, module
from .figures import Figure

COUNT, OWNERS, SWAPS = 100_000, 10, 5
HOSTS = ("d3.bench.test", "d50000.bench.test", f"d{COUNT - 1}.bench.test")
EXPECTED = Answer(200, "swaps\n")


class Seen(NamedTuple):
    """What a client saw: requests, answers that were wrong, and the longest wait in seconds."""

    requests: int
    wrong: int
    worst: float


def ask(addr: Address, pipe: Connection) -> None:
    """Ask until the other end says stop; a process of its own, so that nothing else is timed."""
    seen = Seen(0, 0, 0.0)
    with KeepAlive(addr) as connection:
        while not pipe.poll():
            began = time.perf_counter()
            answer = connection.get(HOSTS[seen.requests % len(HOSTS)])
            waited = time.perf_counter() - began
            wrong = seen.wrong + (answer != EXPECTED)
            seen = Seen(seen.requests + 1, wrong, max(seen.worst, waited))
            time.sleep(0.001)
    pipe.send(seen)


class Client:
    """Asks while the block runs; `seen` says afterwards what it saw."""

    seen: Seen

    def __init__(self, managed: Managed) -> None:
        spawned = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawned.Pipe()
        self._process = spawned.Process(target=ask, args=(managed.http, theirs))

    def __enter__(self) -> Client:
        self._process.start()
        time.sleep(1)
        return self

    def __exit__(self, *_error: object) -> None:
        self._pipe.send("stop")
        self.seen = self._pipe.recv()
        self._process.join()


def listed(server: dict[str, object], turn: int) -> Items:
    """All domains; with each turn they share the next pool."""
    own: Items = [{"domain": f"d{n}.bench.test", "servers": [server]} for n in range(OWNERS)]
    return own + [
        {"domain": f"d{n}.bench.test", "share_with": f"d{(n + turn) % OWNERS}.bench.test"}
        for n in range(OWNERS, COUNT)
    ]


def swaps(binary: Path, folder: Path) -> Iterator[Figure]:
    """The worst request while nearly every entry changes, beside that with nothing to do."""
    (folder / "origins").mkdir()
    origins = Origins(binary, folder / "origins")
    ip, port = origins.add("swaps")
    origins.start()
    managed = Managed(binary, folder / "swaps", pools=OWNERS, slots=1)
    managed.start()
    server = {"ip": ip, "http_port": port}
    module(managed, "haproxy_domains", domains=listed(server, 0))
    found = []
    for turns in ([0] * SWAPS, range(1, SWAPS + 1)):
        with Client(managed) as client:
            for turn in turns:
                module(managed, "haproxy_domains", domains=listed(server, turn))
        found.append(client.seen)
    managed.process.stop()
    origins.stop()
    idle, busy = found
    yield Figure(f"worst request beside {SWAPS} tasks with nothing to do", idle.worst * 1000, "ms")
    name = f"worst request beside {SWAPS} swaps of {COUNT} entries"
    against = "nothing to do"
    yield Figure(name, busy.worst * 1000, "ms", against, busy.worst / idle.worst)
    yield Figure(f"wrong answers among {busy.requests} during those swaps", busy.wrong, "answers")
