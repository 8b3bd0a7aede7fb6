# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that `systemctl reload haproxy` runs, beside writers that hold the host's lock."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).parents[3] / "roles/haproxy/templates/reload.py.j2"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Render the program for an instance in this folder, with a short wait for the lock."""
    (tmp_path / "run").mkdir()
    lines = TEMPLATE.read_text().splitlines(keepends=True)[2:]
    text = "".join(lines).replace("{{ haproxy_base_dir }}", str(tmp_path))
    path = tmp_path / "reload"
    path.write_text(text.replace("LOCK_SECONDS = 25", "LOCK_SECONDS = 0.2"))
    return path


def start(program: Path) -> subprocess.Popen[str]:
    """Start the program, to be asked for its error output later."""
    return subprocess.Popen([sys.executable, str(program)], stderr=subprocess.PIPE, text=True)


def test_no_write_runs_while_the_master_reloads(program: Path) -> None:
    run = program.parent / "run"
    with socket.socket(socket.AF_UNIX) as master:
        master.bind(str(run / "master.sock"))
        master.listen()
        master.settimeout(20)
        with start(program) as process:
            client = master.accept()[0]
            with client, open(run / "inouter.lock", "a") as lock:
                assert client.recv(100) == b"reload;quit\n"
                with pytest.raises(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                client.sendall(b"Success=1\n")
            assert process.wait(20) == 0


def test_a_reload_that_cannot_have_the_lock_says_who_holds_it(program: Path) -> None:
    with open(program.parent / "run/inouter.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write('{"action": "haproxy_domain"}')
        lock.flush()
        with start(program) as process:
            error = process.communicate(timeout=20)[1]
    assert process.returncode == 1
    assert "HAProxy was not reloaded" in error
    assert "haproxy_domain" in error
