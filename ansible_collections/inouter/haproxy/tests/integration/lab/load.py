# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load by wrk that looks at each answer: `Load.wrong` counts those from the wrong place."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from . import children, tools
from .http import Address, Answer
from .ports import require_loopback

# A thread's only connection has at most one request open, so that an answer belongs to the
# request before it: this is what makes it possible to send other hosts over one connection.
SCRIPT = """\
local hosts = {%(hosts)s}
local last, since = 0, 0
local threads = {}
wrong = 0

function setup(thread)
    thread:set("first", #threads)
    table.insert(threads, thread)
end

function init()
    last = first
    progress = io.open(%(progress)s, "a")
    progress:setvbuf("no")
end

function delay()
    return %(pause_ms)d
end

function request()
    last = last %% #hosts + 1
    return hosts[last].request
end

function response(status, headers, body)
    if status ~= hosts[last].status or body ~= hosts[last].body then wrong = wrong + 1 end
    progress:write(".")
end

function done(summary, latency, requests)
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get("wrong") end
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.timeout
    io.write(string.format('\\nfailed: %%d to connect, %%d to read, %%d to write, %%d in time',
        e.connect, e.read, e.write, e.timeout))
    io.write(string.format('\\n{"requests": %%d, "socket_errors": %%d, "wrong": %%d}\\n',
        summary.requests, failed, sum))
end
"""
HOST = "{{request = {request}, status = {status}, body = {body}}}"


class Load(NamedTuple):
    """What a load came to."""

    requests: int
    socket_errors: int
    wrong: int


@dataclass(frozen=True)
class Stream:
    """One wrk: where to, each host with the answer that it must get, and how.

    :param pause_ms: how long each connection rests before a request; 0 presses as hard as it can
    """

    addr: Address
    expected: Mapping[str, Answer]
    connections: int = 4
    keep_alive: bool = True
    pause_ms: int = 0

    def script(self, progress: Path) -> str:
        """Write the Lua program for wrk."""
        hosts = ", ".join(
            HOST.format(request=_lua(self._request(host)), status=status, body=_lua(body))
            for host, (status, body) in self.expected.items()
        )
        values = {"hosts": hosts, "progress": _lua(str(progress)), "pause_ms": self.pause_ms}
        return SCRIPT % values

    def _request(self, host: str) -> str:
        connection = "" if self.keep_alive else "Connection: close\r\n"
        return f"GET / HTTP/1.1\r\nHost: {host}\r\n{connection}\r\n"


def _lua(text: str) -> str:
    """Write a string for Lua, each byte by its number."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


def _catches_interrupt(pid: int) -> bool:
    caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGINT - 1) & 1)


class LoadRun:
    """Several wrk at once in the background; none runs longer than `seconds`.

    Tests with long loads are of xdist's group `load`, so that one worker runs them one after the
    other: two would measure each other.
    """

    def __init__(self, folder: Path, streams: Sequence[Stream], seconds: float = 60) -> None:
        for stream in streams:
            require_loopback(stream.addr[0])
        self._folder = folder
        self._streams = streams
        self._seconds = seconds
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the load and wait until the first answers have come."""
        wrk = tools.need("wrk", "apt-get install wrk")
        self._folder.mkdir(parents=True, exist_ok=True)
        for number, stream in enumerate(self._streams):
            self._start(wrk, number, stream)
        for number, child in enumerate(self._children):
            running = partial(self._runs, number, child)
            children.wait_until(running, 10, f"load {number} gets answers")

    def _runs(self, number: int, child: subprocess.Popen[bytes]) -> bool:
        """Tell whether it got an answer and can be interrupted, which it learns late."""
        answered = self._file(number, "progress").stat().st_size > 0
        return child.poll() is not None or (answered and _catches_interrupt(child.pid))

    def _start(self, wrk: str, number: int, stream: Stream) -> None:
        script, progress = self._file(number, "lua"), self._file(number, "progress")
        progress.write_bytes(b"")
        script.write_text(stream.script(progress))
        threads = [f"-t{stream.connections}", f"-c{stream.connections}"]
        bound = [f"-d{math.ceil(self._seconds)}s", "--timeout", "5s"]
        url = "http://{}:{}/".format(*stream.addr)
        with self._file(number, "out").open("wb") as output:
            command = [wrk, *threads, *bound, "-s", str(script), url]
            self._children.append(children.spawn(command, output))

    def _file(self, number: int, kind: str) -> Path:
        return self._folder / f"load-{number}.{kind}"

    def requests(self) -> int:
        """Return how many answers came so far."""
        files = (self._file(number, "progress") for number in range(len(self._streams)))
        return sum(file.stat().st_size for file in files)

    def ended(self) -> bool:
        """Tell whether the time bound has ended all of the load."""
        return all(child.poll() is not None for child in self._children)

    def until_requests(self, count: int) -> Load:
        """Go on until so many requests were answered, or the time bound ends it."""
        while self.requests() < count and not self.ended():
            time.sleep(0.02)
        return self.stop()

    def stop(self) -> Load:
        """End the load now and add up what all wrk counted."""
        for child in self._children:
            if child.poll() is None:
                os.kill(child.pid, signal.SIGINT)
        for child in self._children:
            child.wait(timeout=15)
        results = [self._result(number) for number in range(len(self._streams))]
        return Load(*(sum(column) for column in zip(*results, strict=True)))

    def __enter__(self) -> LoadRun:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children:
            children.kill(child)

    def _result(self, number: int) -> Load:
        text = self._file(number, "out").read_text()
        last = text.strip().rpartition("\n")[2]
        if not last.startswith("{"):
            raise RuntimeError(f"wrk failed:\n{text}")
        load = Load(**json.loads(last))
        if load.socket_errors:
            print(f"load {number}:\n{text}")
        return load
