# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core, packed to be sent to a host, and the line that starts it there.

Nothing is installed: the archive stays in the memory of the host's Python.
"""

from __future__ import annotations

import functools
import shlex
import zlib

from ansible_collections.inouter.haproxy.plugins.plugin_utils.core_archive import core_archive

from .variables import Become

PROMPT = "inouter-haproxy-become:"
STARTED = "inouter-haproxy-started"
# Says that sudo has done its part: where it needs no password, it does not ask for one.
_SAY_STARTED = f"import sys; print({STARTED!r}, file=sys.stderr, flush=True)"
# Python reads an archive by its path; a file in memory has one below /proc.
_START = """
import os, sys, zlib
size = int(sys.stdin.buffer.readline())
memory = os.memfd_create("inouter-haproxy")
with os.fdopen(memory, "wb", closefd=False) as file:
    file.write(zlib.decompress(sys.stdin.buffer.read(size)))
sys.path.insert(0, "/proc/self/fd/%d" % memory)
from ansible_collections.inouter.haproxy.plugins.module_utils._responder.serve import serve
serve(sys.stdin.buffer, sys.stdout.buffer)
"""


@functools.cache
def packed() -> bytes:
    """The archive behind a line that says how long it is."""
    content = zlib.compress(core_archive())
    return b"%d\n%b" % (len(content), content)


def command(python: str, become: Become | None) -> list[str]:
    """The words that start the responder; it waits for `packed` on its standard input."""
    words = [python, "-I", "-S", "-B", "-c"]
    if become is None:
        return [*words, _START]
    sudo = ["sudo", "-H", "-u", become.user]
    if become.password:
        return [*sudo, "-S", "-p", PROMPT, "--", *words, _SAY_STARTED + _START]
    return [*sudo, "-n", "--", *words, _START]


def shell_command(python: str, become: Become | None) -> str:
    """The same as one line for the login shell of the host."""
    return shlex.join(command(python, become))
