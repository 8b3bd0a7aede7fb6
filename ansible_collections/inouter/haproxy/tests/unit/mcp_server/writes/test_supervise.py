# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor on the host, with small programs in place of modules."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.inouter.haproxy.mcp_server.writes.environment import HERE

SUPERVISE = (HERE / "host/supervise.py").read_text()
WAIT = """
import atexit, os, pathlib, subprocess, sys, time
started = pathlib.Path({folder!r})
atexit.register((started / "cleaned").touch)
child = subprocess.Popen(["sleep", "60"])
(started / "pids.new").write_text(f"{{os.getpid()}} {{child.pid}}")
(started / "pids.new").rename(started / "pids")
time.sleep(60)
"""


def supervised(program: str, seconds: float = 30) -> subprocess.Popen[bytes]:
    """Start a program as a module is started."""
    command = [sys.executable, "-c", SUPERVISE, str(seconds)]
    pipe = subprocess.PIPE
    started = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    assert started.stdin
    started.stdin.write(program.encode())
    started.stdin.close()
    started.stdin = None
    return started


def waiting(folder: Path, seconds: float = 30) -> tuple[subprocess.Popen[bytes], list[int]]:
    """Start a program that waits, and return its process ids as well."""
    started = supervised(WAIT.format(folder=str(folder)), seconds)
    until((folder / "pids").exists)
    return started, [int(word) for word in (folder / "pids").read_text().split()]


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_output_and_status_are_the_programs_own() -> None:
    program = "import sys; print('a' * 200_000, sys.argv); print('b', file=sys.stderr); sys.exit(3)"
    out, err = (done := supervised(program)).communicate(timeout=30)
    assert (out, err, done.returncode) == (b"a" * 200_000 + b" ['-c']\n", b"b\n", 3)


def test_a_program_that_is_killed_is_told() -> None:
    done = supervised("import os; os.kill(os.getpid(), 9)")
    done.communicate(timeout=30)
    assert done.returncode == 128 + signal.SIGKILL


def test_all_end_when_nobody_listens(tmp_path: Path) -> None:
    started, pids = waiting(tmp_path)
    assert started.stdout and started.stderr
    started.stdout.close()
    until(lambda: all(map(is_gone, pids)))
    assert (tmp_path / "cleaned").exists(), "the module could not remove its temporary files"
    started.stderr.close()
    assert started.wait(timeout=10) == 1


def test_all_end_when_time_is_up(tmp_path: Path) -> None:
    started, pids = waiting(tmp_path, seconds=1)
    out, _err = started.communicate(timeout=30)
    until(lambda: all(map(is_gone, pids)))
    assert out.strip() == b"" and started.returncode == 1


def test_all_end_when_the_supervisor_is_ended(tmp_path: Path) -> None:
    started, pids = waiting(tmp_path)
    started.terminate()
    started.communicate(timeout=30)
    until(lambda: all(map(is_gone, pids)))


def test_a_long_silence_is_bridged_by_empty_lines() -> None:
    out, _err = supervised("import time; time.sleep(2.5); print('{}')").communicate(timeout=30)
    assert out.startswith(b"\n") and out.strip() == b"{}"
