# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shim, with a test in place of the fork server, and the real ansible-playbook."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.environment import SHIM
from ansible_collections.inouter.haproxy.mcp_server.writes.forks.serve import receive


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen where the shim looks for the fork server."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(tmp_path / "forks"))
        listening.listen()
        listening.settimeout(20)
        yield listening


def shim(folder: Path) -> subprocess.Popen[str]:
    """Start the shim as ansible-runner does."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # ansible-test's Ansible is not installed.
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "HAPROXY_WRITES_PYTHON": sys.executable,
        "HAPROXY_WRITES_SOCKET": str(folder / "forks"),
    }
    return subprocess.Popen(
        [SHIM / "ansible-playbook", "--version"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("answer", "status"), [(b"0\n", 0), (b"2\n", 2), (b"-15\n", 143)])
def test_the_job_is_handed_over(
    listener: socket.socket, tmp_path: Path, answer: bytes, status: int
) -> None:
    started = shim(tmp_path)
    connection = listener.accept()[0]
    request = receive(connection)
    assert request.argv == ["ansible-playbook", "--version"]
    assert (request.cwd, request.env["HOME"]) == (str(tmp_path), str(tmp_path))
    connection.sendall(b"+")
    assert connection.recv(1) == b"!"
    os.write(request.files[1], b"from the job")
    for number in request.files:
        os.close(number)
    connection.sendall(answer)
    connection.close()
    out, _err = started.communicate(timeout=20)
    assert (out, started.returncode) == ("from the job", status)


def test_without_a_fork_server_the_plain_program_runs(tmp_path: Path) -> None:
    out, _err = shim(tmp_path).communicate(timeout=60)
    assert out.startswith("[WARNING]: The fork server cannot be used ([Errno 2]")
    assert " [core " in out


def test_a_job_that_was_not_accepted_runs_plainly(listener: socket.socket, tmp_path: Path) -> None:
    started = shim(tmp_path)
    connection = listener.accept()[0]
    for number in receive(connection).files:
        os.close(number)
    connection.close()
    out, _err = started.communicate(timeout=60)
    assert "it did not accept the job" in out and "[core " in out


def test_a_job_that_was_begun_is_never_run_again(listener: socket.socket, tmp_path: Path) -> None:
    started = shim(tmp_path)
    connection = listener.accept()[0]
    for number in receive(connection).files:
        os.close(number)
    connection.sendall(b"+")
    assert connection.recv(1) == b"!"
    connection.close()
    out, _err = started.communicate(timeout=20)
    assert "The fork server ended before the task did." in out and "[core " not in out
    assert started.returncode == 1
