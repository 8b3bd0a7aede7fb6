# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands a job to the fork server; runs the plain ansible-playbook where there is none to be had.

Started for each write, it imports next to nothing: what `socket`, `signal` and `json` import as
well takes longer than all that is done here.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import marshal
import os
import sys

SECONDS_TO_ACCEPT = 15.0
FILES = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))


def hand_over(path: str) -> _socket.socket:
    """Give the fork server this process's arguments, environment, folder and files."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(SECONDS_TO_ACCEPT)
    connection.connect(path)
    request = (["ansible-playbook", *sys.argv[1:]], dict(os.environ), os.getcwd())
    packed = marshal.dumps(request)
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, FILES)]
    connection.sendmsg([len(packed).to_bytes(4, "big")], rights)
    connection.sendall(packed)
    if connection.recv(1) != b"+":
        raise ConnectionError("it did not accept the job")
    connection.sendall(b"!")  # Only now does it start: a job that was given up never runs twice.
    connection.settimeout(None)
    return connection


def wait(connection: _socket.socket) -> int:
    """The job's exit status, or 1 where the fork server ended first."""
    answer = connection.recv(16)
    if not answer:
        print("ERROR! The fork server ended before the task did.", file=sys.stderr)
        return 1
    status = int(answer)
    return status if status >= 0 else 128 - status


def run_plain(why: OSError) -> int:
    """Start ansible-playbook as anybody would, in a session that no kill of this one's reaches.

    It gets SIGTERM when this process is gone, on which it ends its own workers.
    """
    import ctypes
    import subprocess

    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        os.setsid()
        prctl(1, _signal.SIGTERM)

    print(
        f"[WARNING]: The fork server cannot be used ({why});"
        " the task runs by a plain ansible-playbook, which takes longer.",
        flush=True,
    )
    command = [sys.executable, "-m", "ansible.cli.playbook", *sys.argv[1:]]
    return subprocess.run(command, preexec_fn=prepare, check=False).returncode


def main() -> int:
    """Run the job, warm if possible."""
    # The terminal of this process ends with the worker that holds it: so must this process.
    _signal.signal(_signal.SIGHUP, _signal.SIG_DFL)
    try:
        connection = hand_over(os.environ["HAPROXY_WRITES_SOCKET"])
    except OSError as why:
        return run_plain(why)
    return wait(connection)


if __name__ == "__main__":
    sys.exit(main())
