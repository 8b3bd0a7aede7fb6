# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killing a write in the middle: no handler, no `finally`, nothing tidied up."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

FINISHED = 7


def in_a_child(call: Callable[[], None], number: int, folder: str) -> bool:
    """Run it in a process that ends at the n-th change or sync of a file; or finishes."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == FINISHED
    _end_at(number, folder)
    try:
        call()
    finally:
        os._exit(FINISHED)


def _end_at(number: int, folder: str) -> None:
    left, sync = [number], os.fsync

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY
        changes = opened or event in ("os.rename", "os.remove")
        if changes and str(arguments[0]).startswith(folder):
            count()

    def counted_sync(fd: Any, /) -> None:
        sync(fd)
        count()

    setattr(os, "fsync", counted_sync)  # noqa: B010
    sys.addaudithook(audit)


class Killed(BaseException):
    """Stands for SIGKILL: nothing that handles errors sees it."""


def stop_at(number: int, action: Callable[[], str]) -> Callable[[str], str | None]:
    """Have a simulated HAProxy do this in place of the n-th command that changes something."""
    left = [number]

    def refuse(command: str) -> str | None:
        if command.startswith(("show", "get")):
            return None
        left[0] -= 1
        return action() if left[0] == 0 else None

    return refuse


def killed() -> str:
    """End here."""
    raise Killed
