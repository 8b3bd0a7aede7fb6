# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates when things go wrong: kills, two writers, a full disk, and a load meanwhile."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from .lab import tools
from .lab.http import Address
from .lab.kill import killed_at
from .lab.pki import Authority, Pem
from .lab.secured import Secured

CERT = "haproxy_cert"
REQUESTS = 30_000


def put_back(managed: Secured, saved: Path) -> None:
    """The instance as it was before the write."""
    for folder in ("conf", "certs"):
        shutil.rmtree(managed.base_dir / folder)
        shutil.copytree(saved / folder, managed.base_dir / folder)
    managed.module("haproxy_state")


@pytest.mark.timeout(300)
@pytest.mark.haproxy("2.8")
@pytest.mark.parametrize("what", ["new", "renewed", "removed"])
def test_sigkill_at_each_step(secured: Secured, tmp_path: Path, what: str) -> None:
    """The old or the new certificate is served after any kill; the next write ends it."""
    authority = Authority()
    old, new = authority.issue("kept.test"), authority.issue("kept.test")
    other = authority.issue("other.test")
    secured.module(CERT, content=old.combined)
    options: dict[str, dict[str, object]] = {
        "new": {"content": other.combined},
        "renewed": {"content": new.combined},
        "removed": {"name": "kept.test", "state": "absent"},
    }
    right = {"new": old.fingerprint, "renewed": new.fingerprint, "removed": None}[what]
    for folder in ("conf", "certs"):
        shutil.copytree(secured.base_dir / folder, tmp_path / "saved" / folder)
    number = 1
    while killed_at(secured, number, CERT, options[what]):
        if number % 2:
            secured.process.kill()
            secured.start()
        assert secured.served("kept.test") in (old.fingerprint, right)
        secured.module(CERT, **options[what])
        assert secured.served("kept.test") == right
        assert what != "new" or secured.served("other.test") == other.fingerprint
        assert not secured.check("haproxy_state")["changed"]
        assert not list((secured.base_dir / "certs").glob(".*"))
        put_back(secured, tmp_path / "saved")
        number += 1
    assert number > 20


@pytest.mark.haproxy("3.2")
def test_two_writers(secured: Secured) -> None:
    """Two at once, each with its own certificates: all are there, all agree."""
    authority = Authority()
    pems = {f"{n}.{w}.test": authority.issue(f"{n}.{w}.test") for n in range(5) for w in "ab"}
    running = [secured.popen(CERT, content=pem.combined) for pem in pems.values()]
    for child in running:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, (out, err)
    assert all(secured.served(name) == pem.fingerprint for name, pem in pems.items())
    assert not secured.check("haproxy_state")["changed"]


@pytest.mark.haproxy("3.2")
def test_disk_full(secured: Secured, tmp_path: Path) -> None:
    """No room for the new file: an error, and the old certificate is served and kept."""
    authority = Authority()
    old, new = authority.issue("kept.test"), authority.issue("kept.test")
    secured.module(CERT, content=old.combined)
    certs = secured.base_dir / "certs"
    shutil.copytree(certs, tmp_path / "copy")
    mount = tools.need("mount", "run the tests as root")
    options: list[str | Path] = ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", certs]
    done = subprocess.run([mount, *options], check=False, capture_output=True, text=True)
    if done.returncode:
        tools.missing("mount", f"run the tests as root ({done.stderr.strip()})")
    try:
        shutil.copytree(tmp_path / "copy", certs, dirs_exist_ok=True)
        (certs / "filler").write_bytes(b"x" * 12288)
        message = secured.fails(CERT, content=new.combined)
        assert "No space left on device" in message
        assert secured.served("kept.test") == old.fingerprint
        assert not secured.check("haproxy_state")["changed"]
        (certs / "filler").unlink()
        assert secured.module(CERT, content=new.combined)["verified"]
    finally:
        secured.process.stop()
        subprocess.run(["umount", certs], check=True)


class Clients:
    """Threads that ask over HTTPS for names that stay, on new and on kept connections."""

    def __init__(self, secured: Secured, cafile: Path, names: list[str]) -> None:
        self.errors: list[str] = []
        self.requests = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(secured, cafile, name)) for name in names
        ]

    def _ask(self, secured: Secured, cafile: Path, name: str) -> None:
        context = ssl.create_default_context(cafile=cafile)
        while not self._stop.is_set():
            try:
                self._connection(context, secured.https, name)
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.errors.append(f"{name}: {error!r}")

    def _connection(self, context: ssl.SSLContext, address: Address, name: str) -> None:
        """One handshake, verified, and ten requests behind it."""
        connection = http.client.HTTPConnection(*address, timeout=10)
        plain = socket.create_connection(address, 10)
        with context.wrap_socket(plain, server_hostname=name) as connection.sock:
            for _number in range(10):
                connection.request("GET", "/", headers={"Host": name})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 404
                self.requests += 1

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.timeout(400)
@pytest.mark.haproxy("2.8", "3.4")
def test_handshakes_while_certificates_change(secured: Secured, tmp_path: Path) -> None:
    """100 certificates come, are renewed and go; names that stay never fail a handshake."""
    authority = Authority()
    cafile = authority.write_root(tmp_path / "ca.pem")
    names = ["a.stays.test", "b.stays.test"]
    stays = [{"content": authority.issue(name).combined} for name in names]
    secured.module(CERT, certificates=stays)
    rounds: list[list[Pem]] = [[authority.issue(f"{n}.test") for n in range(100)] for _turn in "ab"]
    with Clients(secured, cafile, names) as clients:
        for pems in rounds:
            secured.module(CERT, certificates=[{"content": pem.combined} for pem in pems])
        for number in range(100):
            secured.module(CERT, name=f"{number}.test", state="absent")
        deadline = time.monotonic() + 200
        while clients.requests < REQUESTS and time.monotonic() < deadline:
            time.sleep(0.1)
    assert clients.errors == []
    assert clients.requests >= REQUESTS
