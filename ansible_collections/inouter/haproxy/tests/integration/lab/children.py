# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that never outlive the test run, and finding and ending them."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

_started: list[subprocess.Popen[bytes]] = []


def spawn(
    command: Sequence[str | Path],
    output: IO[bytes],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, by which all its processes are found later."""
    child = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        cwd=cwd,
        env=env,
    )
    _started.append(child)
    return child


def _parents_and_sessions() -> dict[int, tuple[int, int]]:
    """Read every process's parent and session; zombies are left out, they are gone."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, _group, session, *_rest = path.read_text().rpartition(")")[2].split()
            if state != "Z":
                found[int(path.parent.name)] = (int(parent), int(session))
    return found


def family(child: subprocess.Popen[bytes]) -> list[int]:
    """Return the living processes of a child: its session's, and their descendants.

    By session, as workers whose master was killed have another parent than it.
    """
    processes = _parents_and_sessions()
    if child.returncode is not None and child.pid in processes:
        return []  # All are gone: the kernel gave the number to somebody else.
    members = {pid for pid, (_parent, session) in processes.items() if session == child.pid}
    grown = True
    while grown:
        more = {pid for pid, (parent, _session) in processes.items() if parent in members} - members
        members |= more
        grown = bool(more)
    return sorted(members)


def kill(child: subprocess.Popen[bytes]) -> None:
    """SIGKILL a child with everything that it started."""
    for pid in family(child):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    child.wait(timeout=10)
    wait_until(lambda: not family(child), 10, "the killed processes are gone")
    if child in _started:
        _started.remove(child)


def stop(child: subprocess.Popen[bytes], timeout: float = 5) -> None:
    """Ask a child to end; end what is left of it after the timeout."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=timeout)
    kill(child)


def wait_until(condition: Callable[[], bool], timeout: float, what: str) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what}")
        time.sleep(0.01)


@atexit.register
def _kill_all() -> None:
    for child in list(_started):
        with contextlib.suppress(Exception):
            kill(child)
