# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fork server: a process that has loaded Ansible, and forks one child for each job.

It has one thread, so that forking it is safe. It listens on the socket that it inherits, and ends
when its standard input does.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import selectors
import signal
import socket
import struct
import sys
import time
from pathlib import Path

from . import job
from .probe import pack_modules, works
from .warm import warm

ACCEPTED = b"+"
FILES = 3
HEADER = struct.Struct("!I")
SECONDS_TO_END = 5.0
SECONDS_TO_ASK = 5.0


def receive(connection: socket.socket) -> job.Request:
    """Read what the shim hands over: three files, and its words behind their length."""
    head, files, _flags, _address = socket.recv_fds(connection, HEADER.size, FILES)
    stdin, stdout, stderr = files
    packed = connection.recv(HEADER.unpack(head)[0], socket.MSG_WAITALL)
    argv, env, cwd = marshal.loads(packed)
    return job.Request(argv, env, cwd, (stdin, stdout, stderr))


class ForkServer:
    """Accepts requests, forks, and answers each shim with its job's exit status."""

    def __init__(self, listener: socket.socket, packed: Path) -> None:
        self._listener = listener
        self._packed = packed
        self._selector = selectors.DefaultSelector()
        self._jobs: dict[int, socket.socket] = {}
        self._pids: dict[socket.socket, int] = {}
        self._requests: dict[socket.socket, job.Request] = {}
        self._kill_at: dict[int, float] = {}
        self._ended, self._child_ended = socket.socketpair()

    def serve(self) -> None:
        """Serve until the standard input ends, then end all jobs."""
        self._ended.setblocking(False)
        self._child_ended.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(self._child_ended.fileno(), warn_on_full_buffer=False)
        for watched in (self._listener, self._ended, sys.stdin):
            self._selector.register(watched, selectors.EVENT_READ)
        while self._turn():
            pass
        self._end_all()

    def _turn(self) -> bool:
        for key, _events in self._selector.select(self._patience()):
            if key.fileobj is sys.stdin:
                return False
            self._handle(key.fileobj)
        self._kill_overdue()
        return True

    def _handle(self, ready: object) -> None:
        if ready is self._listener:
            self._accept()
        elif ready is self._ended:
            self._ended.recv(4096)
            self._reap()
        elif isinstance(ready, socket.socket):
            self._hear(ready)

    def _accept(self) -> None:
        connection = self._listener.accept()[0]
        connection.settimeout(SECONDS_TO_ASK)
        try:
            self._requests[connection] = receive(connection)
            connection.send(ACCEPTED)
        except (OSError, ValueError, EOFError, struct.error):
            self._forget(connection)
            return
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> None:
        """Start the job when the shim says so; end it when the shim is gone."""
        try:
            said = connection.recv(1)
        except OSError:
            said = b""
        if said and connection in self._requests:
            self._fork(connection)
        else:
            self._selector.unregister(connection)
            self._terminate(connection)

    def _fork(self, connection: socket.socket) -> None:
        request = self._requests[connection]
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._leave_to_child(connection)
            job.run(request, parent, self._packed)
        self._close_files(connection)
        self._jobs[pid], self._pids[connection] = connection, pid

    def _leave_to_child(self, connection: socket.socket) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for held in (self._listener, self._ended, self._child_ended, *self._jobs.values()):
            held.close()
        del self._requests[connection]
        connection.close()
        for other in list(self._requests):
            self._forget(other)

    def _close_files(self, connection: socket.socket) -> None:
        for number in self._requests.pop(connection).files:
            os.close(number)

    def _terminate(self, connection: socket.socket) -> None:
        pid = self._pids.get(connection)
        if pid is None:
            self._forget(connection)
            return
        os.kill(pid, signal.SIGTERM)
        self._kill_at[pid] = time.monotonic() + SECONDS_TO_END

    def _forget(self, connection: socket.socket) -> None:
        if connection in self._requests:
            self._close_files(connection)
        connection.close()

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                self._kill_at.pop(pid, None)
                if pid in self._jobs:
                    self._answer(self._jobs.pop(pid), os.waitstatus_to_exitcode(status))

    def _answer(self, connection: socket.socket, status: int) -> None:
        del self._pids[connection]
        if connection in self._selector.get_map():
            self._selector.unregister(connection)
        with contextlib.suppress(OSError):
            connection.send(f"{status}\n".encode())
        connection.close()

    def _patience(self) -> float | None:
        if not self._kill_at:
            return None
        return max(0.0, min(self._kill_at.values()) - time.monotonic())

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for pid in [pid for pid, deadline in self._kill_at.items() if deadline <= now]:
            os.kill(pid, signal.SIGKILL)
            del self._kill_at[pid]

    def _end_all(self) -> None:
        for pid in self._jobs:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        self._kill_at = dict.fromkeys(self._jobs, deadline)
        while self._jobs:
            self._reap()
            self._kill_overdue()
            time.sleep(0.01)


def main() -> None:
    """Load Ansible, say so, and serve."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    packed = Path(sys.argv[2]) / "ansiballz_cache"  # The name is Ansible's.
    os.umask(0o077)
    packed.mkdir(exist_ok=True)
    warm()
    gc.collect()
    gc.freeze()
    if not works(packed):
        sys.exit("A job of the fork server fails with this version of Ansible.")
    pack_modules(packed)
    os.write(1, b"ready\n")
    ForkServer(listener, packed).serve()


if __name__ == "__main__":
    main()
