# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core, packed to be sent to a host, and the line that starts it there.

Nothing is installed: the archive stays in the memory of the host's Python.
"""

from __future__ import annotations

import functools
import io
import shlex
import zipfile
from pathlib import Path

from .variables import Become

CORE = Path(__file__).parents[2] / "plugins/module_utils"
NAME = "inouter_haproxy"
PROMPT = "inouter-haproxy-become:"
# Modules of Ansible need Ansible; the responder has no use for them.
_LEFT_OUT = ("_module",)
# zipimport reads the archive through the path of the memory file.
_START = f"""
import os, sys
size = int(sys.stdin.buffer.readline())
memory = os.memfd_create({NAME!r})
with os.fdopen(memory, "wb", closefd=False) as file:
    file.write(sys.stdin.buffer.read(size))
sys.path.insert(0, "/proc/self/fd/%d" % memory)
from {NAME}._responder.serve import serve
serve(sys.stdin.buffer, sys.stdout.buffer)
"""


def _add(file: zipfile.ZipFile, folder: Path) -> None:
    below = Path(NAME) / folder.relative_to(CORE)
    # Older versions of zipimport know no packages without it.
    file.writestr(f"{below}/__init__.py", "")
    for path in sorted(folder.glob("*.py")):
        file.write(path, str(below / path.name))


@functools.cache
def packed() -> bytes:
    """The archive behind a line that says how long it is."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for folder in [CORE, *sorted(path for path in CORE.iterdir() if path.is_dir())]:
            if folder.name not in _LEFT_OUT:
                _add(file, folder)
    content = archive.getvalue()
    return b"%d\n%b" % (len(content), content)


def command(python: str, become: Become | None) -> list[str]:
    """The words that start the responder; it waits for `packed` on its standard input."""
    words = [python, "-I", "-S", "-B", "-c", _START]
    if become is None:
        return words
    asked = ["-S", "-p", PROMPT] if become.password else ["-n"]
    return ["sudo", "-H", *asked, "-u", become.user, "--", *words]


def shell_command(python: str, become: Become | None) -> str:
    """The same as one line for the login shell of the host."""
    return shlex.join(command(python, become))
