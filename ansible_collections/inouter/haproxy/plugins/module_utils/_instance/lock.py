# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's lock: one writer at a time, whoever started it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import Busy
from .._store.history import actor

PAUSE_SECONDS = 0.01


@contextmanager
def locked(path: str, action: str, timeout: float) -> Iterator[None]:
    """Hold the lock. Raises Busy, naming the holder, after `timeout` seconds.

    The kernel frees it when the holder ends, however it ends.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        _wait(handle, path, timeout)
        _write_holder(handle, action)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(_busy_message(handle, path, timeout)) from None
            time.sleep(PAUSE_SECONDS)


def _write_holder(handle: int, action: str) -> None:
    holder = {"pid": os.getpid(), "action": action, "actor": actor(), "since": time.time()}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(holder).encode(), 0)


def _busy_message(handle: int, path: str, timeout: float) -> str:
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        seconds = time.time() - holder["since"]
        who = f"{holder['action']} of {holder['actor']} (pid {holder['pid']}, for {seconds:.0f} s)"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"The lock {path} was held for {timeout:g} s by {who}."
        " Wait for it to end and run this task again, or raise lock_timeout."
    )
