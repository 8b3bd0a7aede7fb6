# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the managed host, as `python3 -c`: runs a module, and ends it when nobody listens.

sshd tells a program that has no terminal nothing when the connection is gone, so a module would run
on. Here a child runs the module, which came on the standard input, and this process watches both
the child and its own standard output.

Arguments: the seconds after which the module is ended in any case.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

PATIENCE_MS = 1000
SECONDS_TO_END = 5


def main() -> None:
    """Run the module in a child, in a process group with all that it starts."""
    source = sys.stdin.buffer.read()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        watch(child, reading, time.monotonic() + float(sys.argv[1]))
    os.setpgid(0, 0)
    sys.argv[1:] = []
    os.close(reading)
    os.dup2(writing, 1)
    os.close(writing)
    exec(compile(source, "<stdin>", "exec"), {"__name__": "__main__"})


def watch(child: int, reading: int, deadline: float) -> None:
    """Collect what the module prints, hand it on and end as the module does."""
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
    os._exit(status >> 8 if os.WIFEXITED(status) else 128 + (status & 127))


def heard() -> bool:
    """Whether an empty line still reaches somebody; sudo, say, notices only then that nobody is."""
    try:
        os.write(1, b"\n")
    except OSError:
        return False
    return True


def end(child: int) -> None:
    """Ask the module and what it started to end, then make them."""
    for number, seconds in ((signal.SIGTERM, SECONDS_TO_END), (signal.SIGKILL, 0)):
        os.killpg(child, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not os.waitpid(child, os.WNOHANG)[0]:
            time.sleep(0.05)
    os._exit(1)


main()
