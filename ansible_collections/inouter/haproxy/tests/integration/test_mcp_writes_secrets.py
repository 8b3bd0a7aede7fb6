# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private key that is sent with a write is found nowhere but in HAProxy and its own file."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.task import HostResult, Task
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes

from .lab import ports
from .lab.managed import Managed
from .lab.pki import Authority, Pem
from .lab.sshd import Sshd
from .lab.tls import handshake
from .lab.write_lane import HOST, held, inventory, one, run, stuck, with_writes

pytestmark = pytest.mark.haproxy("3.2")


@pytest.fixture
def https() -> str:
    """Give a free address."""
    return f"{ports.loopback()}:{ports.free_ports(1)[0]}"


@pytest.fixture
def secured(haproxy_binary: Path, tmp_path: Path, https: str) -> Iterator[Managed]:
    """Give a running HAProxy that serves HTTPS with no certificate yet."""
    made = Managed(haproxy_binary, tmp_path / "lb", haproxy_https_binds=[https])
    made.module("haproxy_instance", https=https)
    made.start()
    yield made
    made.process.stop()


def certificate(managed: Managed, pem: Pem, key: str) -> Task:
    """A task that brings a certificate with a key."""
    options = {"base_dir": str(managed.base_dir), "content": pem.chain, "key_content": key}
    module = "inouter.haproxy.haproxy_cert"
    return Task((HOST,), module, {**options, "lock_timeout": 60}, secret=True)


def lines_of(key: str) -> list[str]:
    """The lines that nobody may see."""
    return [line for line in key.splitlines() if len(line) > 30 and "-----" not in line]


def public_words() -> str:
    """What every user can read of all processes, and what their environments hold."""
    words = []
    for process in psutil.process_iter():
        try:
            words += [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
    return "\n".join(words)


def held_files(folder: Path) -> dict[str, str]:
    """The files of a private folder, by path."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.read_text(errors="replace") for path in paths}


def nobody_else_can_read(folder: Path) -> bool:
    """Whether the folder, and each file with a job's data, is its owner's alone."""
    jobs = [path for path in (folder / "jobs").rglob("*") if not path.is_symlink()]
    return all(path.stat().st_mode & 0o077 == 0 for path in [folder, *jobs])


def test_a_key_is_found_nowhere(
    secured: Managed, sshd: Sshd, https: str, caplog: pytest.LogCaptureFixture
) -> None:
    """While the write runs and after it; the certificate is served with that key."""
    pem = Authority().issue("a.test")
    secret = lines_of(pem.key)[0]

    async def body(writes: Writes) -> None:
        folder = writes.path
        with held(secured):
            running = await stuck(writes, sshd, certificate(secured, pem, pem.key))
            assert secret not in public_words()
            found = [name for name, text in held_files(folder).items() if secret in text]
            assert [Path(name).name for name in found] == ["playbook.yml"]
            assert nobody_else_can_read(folder)
        result = await running
        assert (result.status, result.result["verified"]) == ("changed", True)
        assert secret not in str(result)
        await asyncio.sleep(0.5)
        assert not [name for name, text in held_files(folder).items() if secret in text]

    with caplog.at_level(logging.DEBUG):
        run(with_writes(inventory(sshd), body))
    assert secret not in caplog.text
    address, port = https.split(":")
    assert handshake((address, int(port)), "a.test").fingerprint == pem.fingerprint


def test_a_refused_key_is_not_in_the_sentence(secured: Managed, sshd: Sshd) -> None:
    """A secret task tells why it failed, in the module's own words, without the key."""
    pem, other = Authority().issue("a.test"), Authority().issue("b.test")
    found: list[HostResult] = []

    async def body(writes: Writes) -> None:
        found.append(await one(writes, certificate(secured, pem, other.key)))
        broken = other.key.replace("-----END", "garbage\n-----END")
        found.append(await one(writes, certificate(secured, pem, broken)))
        found.append(await one(writes, Task((HOST,), "inouter.haproxy.no_key", {}, secret=True)))

    run(with_writes(inventory(sshd), body))
    for result in found:
        assert result.status == "failed" and "key" in result.result["msg"]
        assert "censored" not in str(result)
        assert not [line for line in lines_of(other.key) if line in str(result)]


def test_the_servers_own_environment_stays_with_it(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server was started with, such as its tokens, reaches no process of a write."""
    monkeypatch.setenv("MCP_TOKEN", "sentinel-of-the-server")

    async def body(writes: Writes) -> None:
        await one(writes, Task((HOST,), "ansible.builtin.ping", {}))
        pids = [*writes.workers.pids(), writes.fork_server.pid]
        for process in map(psutil.Process, pids):
            assert "sentinel-of-the-server" not in str(process.environ())

    assert os.environ["MCP_TOKEN"] == "sentinel-of-the-server"
    run(with_writes(inventory(sshd), body))
