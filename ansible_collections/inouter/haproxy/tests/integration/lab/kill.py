# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL to a module just before one of the system calls that change something."""

from __future__ import annotations

from typing import Any

from .managed import Managed
from .tools import need

CALLS = "pwrite64,write,sendto,fsync,fdatasync,ftruncate,rename,unlink,link"


def killed_at(managed: Managed, number: int, module: str, options: dict[str, Any]) -> bool:
    """Run the module with a kill at the call of this number; False where it ended before that.

    Python's own start writes nothing, so the calls that are counted are the module's and SQLite's.
    """
    strace = need("strace", "apt-get install strace")
    inject = f"inject={CALLS}:signal=SIGKILL:when={number}"
    words = ("-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject)
    child = managed.popen(module, strace, *words, **options)
    out, err = child.communicate(timeout=60)
    if child.returncode == 0:
        return False
    assert child.returncode in (-9, 137), (out, err)
    return True
