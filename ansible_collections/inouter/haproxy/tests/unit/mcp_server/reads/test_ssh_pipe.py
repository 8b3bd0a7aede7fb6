# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A responder started by a sudo that the test plays: it may ask for the password, or not."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.problems import ReadFailed, Unreachable
from ansible_collections.inouter.haproxy.mcp_server.reads import ssh
from ansible_collections.inouter.haproxy.mcp_server.reads.link import Link
from ansible_collections.inouter.haproxy.mcp_server.reads.ssh_pipe import SshPipe
from ansible_collections.inouter.haproxy.mcp_server.reads.variables import SSH, Become, Reach

ASK = "printf inouter-haproxy-become: >&2; read -r word && echo $word >> $ASKED"
SUDO = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\n'


class Played:
    """A connection, and its one channel, to a host that is this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.transport = self
        self._timeout: float | None = None

    def open_session(self, timeout: float) -> Played:
        assert timeout
        return self

    def exec_command(self, line: str) -> None:
        pipe = subprocess.PIPE
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}", "ASKED": f"{self.folder}/asked"}
        self._child = subprocess.Popen(
            ["/bin/sh", "-c", line],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=path,
            start_new_session=True,
        )

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def recv_stderr(self, size: int) -> bytes:
        return self._received(self._child.stderr, size)

    def recv(self, size: int) -> bytes:
        return self._received(self._child.stdout, size)

    def _received(self, stream: Any, size: int) -> bytes:
        if not select.select([stream], [], [], self._timeout)[0]:
            raise TimeoutError
        return os.read(stream.fileno(), size)

    def sendall(self, data: bytes) -> None:
        assert self._child.stdin
        self._child.stdin.write(data)
        self._child.stdin.flush()

    def close(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def end(self) -> None:
        """Close the streams once nobody reads them any more."""
        for thread in threading.enumerate():
            if thread.name == "ssh-read":
                thread.join()
        self._child.communicate()


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """Give the connection that `ssh.connect` makes."""
    made = Played(tmp_path)
    monkeypatch.setattr(ssh, "connect", lambda _reach: made)
    monkeypatch.setattr(ssh, "SECONDS", 2.0)
    yield made
    made.end()


def start(played: Played, sudo: str) -> list[str]:
    """Start the responder by this sudo and ask it; returns the passwords that sudo was given."""
    program = played.folder / "sudo"
    program.write_text(SUDO + sudo)
    program.chmod(0o755)
    asyncio.run(_ask(Reach(SSH, sys.executable, "/x", "", Become(password="word"))))
    asked = played.folder / "asked"
    return asked.read_text().splitlines() if asked.exists() else []


async def _ask(reach: Reach) -> None:
    link = Link(SshPipe(reach))
    await link.start()
    try:
        with pytest.raises(ReadFailed):
            await link.ask({"read": "x", "base_dir": "/x", "runtime_api": "", "arguments": {}}, 5)
    finally:
        await link.close()


def test_sudo_asks(played: Played) -> None:
    assert start(played, f'{ASK}; exec "$@"') == ["word"]


def test_sudo_needs_no_password(played: Played) -> None:
    """It goes to nobody: the responder would take it for a question."""
    assert start(played, 'exec "$@"') == []


@pytest.mark.parametrize(
    ("sudo", "words"),
    [
        (f"{ASK}; echo Sorry >&2; {ASK}", "sudo does not accept the password. Correct"),
        ("exec sleep 9", "neither asked for the password nor started .* 2 s: it said nothing"),
        ("echo not you >&2", "sudo ended before the responder started: not you"),
    ],
    ids=["wrong", "silent", "refuses"],
)
def test_sudo_fails(played: Played, sudo: str, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        start(played, sudo)
    asked = played.folder / "asked"
    assert not asked.exists() or asked.read_text() == "word\n"
