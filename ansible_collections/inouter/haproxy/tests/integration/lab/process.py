# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HAProxy in master-worker mode that a test starts, reloads, kills and starts again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType

from . import children


def ask(path: Path, command: str, timeout: float = 5) -> str:
    """Send one line to a Runtime API socket and return all that it answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(path))
        connection.sendall(f"{command}\n".encode())
        with connection.makefile("rb") as answer:
            return answer.read().decode()


def answers(path: Path) -> bool:
    """Tell whether somebody answers on a Runtime API socket."""
    try:
        return bool(ask(path, "show info"))
    except OSError:
        return False


class HaproxyProcess:
    """HAProxy on `<base_dir>/conf`, with its sockets, pid file and log in `<base_dir>/run`."""

    def __init__(self, binary: Path, base_dir: Path) -> None:
        self.binary = binary
        self.base_dir = base_dir
        self.admin = base_dir / "run/admin.sock"
        self.master = base_dir / "run/master.sock"
        self._log = base_dir / "run/haproxy.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 10) -> None:
        """Start it and wait until its worker answers."""
        if self.pids():
            raise RuntimeError("HAProxy runs already")
        for folder in ("conf/pools", "run"):
            (self.base_dir / folder).mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._child = children.spawn(self._command(), log)
        self._wait_for_worker(None, timeout)

    def _command(self) -> list[str | Path]:
        conf = self.base_dir / "conf"
        files = ["-f", f"{conf}/haproxy.cfg", "-f", f"{conf}/pools/"]
        pid_file = ["-p", f"{self.base_dir}/run/haproxy.pid"]
        return [self.binary, "-W", "-S", f"{self.master},mode,600", *files, *pid_file]

    def reload(self, timeout: float = 10) -> None:
        """Reload it and wait until a new worker answers; the old one may still drain."""
        old = self.worker()
        os.kill(self._running().pid, signal.SIGUSR2)
        self._wait_for_worker(old, timeout)

    def kill(self) -> None:
        """End the master and all its workers at once, as a crash does."""
        children.kill(self._running())

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._child is not None:
            children.stop(self._child)

    def pids(self) -> list[int]:
        """Return the process ids of the master and of every worker, old ones too."""
        return [] if self._child is None else children.family(self._child)

    def worker(self) -> int | None:
        """Return the process id of the worker that answers now."""
        try:
            found = re.search(r"^Pid: (\d+)$", ask(self.admin, "show info"), re.MULTILINE)
        except OSError:
            return None
        return int(found[1]) if found else None

    @property
    def log(self) -> str:
        """All that HAProxy wrote since the first start."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError("HAProxy was not started")
        return self._child

    def _master_listens(self) -> bool:
        """Tell whether the master runs its loop; a signal to it before that is lost."""
        try:
            return "master" in ask(self.master, "show proc;quit")
        except OSError:
            return False

    def _wait_for_worker(self, old: int | None, timeout: float) -> None:
        child = self._running()

        def ready() -> bool:
            if child.poll() is not None:
                raise RuntimeError(f"HAProxy ended with {child.returncode}:\n{self.log}")
            return self.worker() not in {None, old} and self._master_listens()

        try:
            children.wait_until(ready, timeout, "a new HAProxy worker answers")
        except TimeoutError as error:
            raise RuntimeError(f"{error}\n{self.log}") from error

    def __enter__(self) -> HaproxyProcess:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
