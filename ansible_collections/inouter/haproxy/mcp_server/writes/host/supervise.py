# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the managed host, as `python3 -c`: runs a module, and ends it when nobody listens.

sshd tells a program that has no terminal nothing when the connection is gone, so a module would run
on. Here a child runs the module, which came on the standard input, and this process watches both
the child and its own standard output.

Arguments: the seconds after which the module is ended in any case.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

PATIENCE_MS = 1000
SECONDS_TO_END = 5
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def main() -> None:
    """Run the module in a child, in a process group with all that it starts."""
    source = sys.stdin.buffer.read()
    deadline = time.monotonic() + float(sys.argv.pop())
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        supervise(child, reading, deadline)
    os.setpgid(0, 0)
    os.close(reading)
    os.dup2(writing, 1)
    os.close(writing)
    signal.signal(signal.SIGTERM, leave)
    exec(compile(source, "<stdin>", "exec"), {"__name__": "__main__"})


def leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End the module by an exception, so that it removes its temporary files."""
    sys.exit(128 + number)


def supervise(child: int, reading: int, deadline: float) -> NoReturn:
    """Collect what the module prints, hand it on and end as the module does."""
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: end(child))
    said = b""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(1, 0)
    while True:
        ready = dict(poll.poll(PATIENCE_MS))
        if reading in ready:
            more = os.read(reading, 1 << 20)
            if not more:
                break
            said += more
        elif ready or time.monotonic() > deadline or not heard():
            end(child)
    status = os.waitpid(child, 0)[1]
    while said:
        said = said[os.write(1, said) :]
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def heard() -> bool:
    """Whether an empty line still reaches somebody; sudo, say, notices only then that nobody is."""
    try:
        os.write(1, b"\n")
    except OSError:
        return False
    return True


def end(child: int) -> NoReturn:
    """Ask the module and what it started to end, then make them."""
    os.killpg(child, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < deadline and not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os._exit(1)


main()
