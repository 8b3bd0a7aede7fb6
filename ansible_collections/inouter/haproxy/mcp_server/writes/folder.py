# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private folder of one server: in memory where possible, gone with the server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PREFIX = "haproxy-mcp-"
LOCK = "lock"
SECONDS_TO_EMPTY = 20.0
SECONDS_BETWEEN = 0.1
CONNECTIONS = "c"  # Short, for the path of a socket has at most 107 characters.


def places() -> list[Path]:
    """Where private folders may be, the best place first."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    found = [Path("/dev/shm"), *([Path(runtime)] if runtime else []), Path(tempfile.gettempdir())]
    return [place for place in found if place.is_dir() and os.access(place, os.W_OK)]


class PrivateFolder:
    """A folder that only this user can enter, held by a lock for as long as the server lives."""

    def __init__(self) -> None:
        for place in places():
            sweep(place)
        made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}{os.geteuid()}-", dir=places()[0]))
        self._lock = os.open(made / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Only now may others see it: they sweep what nobody holds.
        self.path = made.rename(made.with_name(made.name.removeprefix(".")))
        for name in (CONNECTIONS, "jobs", "modules", "tmp"):
            (self.path / name).mkdir(mode=0o700)

    def write(self, name: str, text: str) -> Path:
        """Make a file that only this user can read."""
        path = self.path / name
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        return path

    def remove(self) -> None:
        """End the SSH connections that were kept, and leave nothing."""
        discard(self.path)
        os.close(self._lock)


def sweep(place: Path) -> None:
    """Remove what servers of this user left behind that were killed."""
    for path in place.glob(f"{PREFIX}{os.geteuid()}-*"):
        if path.lstat().st_uid == os.geteuid() and path.is_dir() and not _held(path):
            discard(path)


def _held(path: Path) -> bool:
    try:
        handle = os.open(path / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def discard(path: Path) -> None:
    """Remove a private folder with the SSH connections that it holds."""
    for connection in (path / CONNECTIONS).glob("*"):
        end = ["ssh", "-F", "none", "-o", f"ControlPath={connection}", "-O", "exit", "any"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                end, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=5
            )
    shutil.rmtree(path, ignore_errors=True)


def remove_job(path: Path) -> bool:
    """Remove the folder of a job; whether it is gone within 20 s.

    A job that was ended takes a moment to notice, and until then it may write there: what is made
    while a folder is removed keeps it.
    """
    deadline = time.monotonic() + SECONDS_TO_EMPTY
    while path.exists() and time.monotonic() < deadline:
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            time.sleep(SECONDS_BETWEEN)
    return not path.exists()
