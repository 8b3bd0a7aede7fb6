# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools for certificates: loaded over SSH, ordered from a real CA; and keys stay secret."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab.acme_site import AcmeSite
from .lab.children import wait_until
from .lab.mcp import McpServer, ToolFailed, host_variables, write_inventory
from .lab.mcp_site import McpSite
from .lab.pki import Authority, Pem
from .lab.sshd import Sshd

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-certificates"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Give a certificate authority."""
    return Authority()


def test_load_renew_delete(site: McpSite, authority: Authority, tmp_path: Path) -> None:
    """From text, from files on the host, in two parts; then refused, then forced away."""
    first = authority.issue("a.test", "*.a.test")
    loaded = site.changed("haproxy_load_cert", content=first.combined)
    assert loaded["details"]["certificates"][0]["fingerprint"] == first.fingerprint
    assert site.served("a.test") == site.served("x.a.test") == first.fingerprint
    second = authority.issue("a.test", "*.a.test")
    site.changed("haproxy_load_cert", content=second.chain, key_content=second.key)
    assert site.served("a.test") == second.fingerprint
    third = authority.issue("a.test", "*.a.test")
    third.write(tmp_path / "third.pem")
    site.changed("haproxy_load_cert", src=str(tmp_path / "third.pem"))
    assert site.served("a.test") == third.fingerprint
    assert not site.ok("haproxy_load_cert", content=third.combined)["changed"]
    site.managed.module("haproxy_domain", domain="a.test", ip="127.0.0.1")
    with pytest.raises(ToolFailed, match="is the only certificate of a.test.*haproxy_issue_cert"):
        site.server.call("haproxy_delete_cert", name="a.test", confirm=True)
    assert site.served("a.test") == third.fingerprint
    site.changed("haproxy_delete_cert", name="a.test", force=True, confirm=True)
    assert site.served("a.test") is None
    assert not site.ok("haproxy_delete_cert", name="a.test", confirm=True)["changed"]


def test_dry_run_of_a_certificate(site: McpSite, authority: Authority) -> None:
    """Its diff shows the fingerprint alone, and the plan holds."""
    pem = authority.issue("p.test")
    planned = site.server.call("haproxy_load_cert", content=pem.combined, dry_run=True)
    assert planned["changed"] and site.served("p.test") is None
    assert pem.fingerprint[:16] in str(planned["hosts"][0]["diff"])
    site.changed("haproxy_load_cert", content=pem.combined, plan_id=planned["plan_id"])
    assert site.served("p.test") == pem.fingerprint


class Watch:
    """Looks at the words and the environment of all processes, again and again."""

    def __init__(self, secrets: list[bytes]) -> None:
        self._secrets = secrets
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: list[bytes] = []
        self.looks = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            for folder in Path("/proc").glob("[0-9]*"):
                self.seen += [s for s in self._secrets if s in _words(folder)]
            self.looks += 1


def _words(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
    except OSError:
        return b""


def secrets_of(pem: Pem) -> list[bytes]:
    """Lines of its key: whoever has one has it nearly all."""
    return [line.encode() for line in pem.key.splitlines() if len(line) > 40]


def holding(folder: Path, secrets: list[bytes]) -> list[Path]:
    """The files below a folder that hold any of these."""
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                found += [path] if any(secret in content for secret in secrets) else []
    return found


def found_in(folders: list[Path], secrets: list[bytes]) -> list[Path]:
    """The files below all these folders that hold any of these."""
    return [path for folder in folders for path in holding(folder, secrets)]


def test_a_private_key_is_found_nowhere(
    site: McpSite, authority: Authority, sshd: Sshd, tmp_path: Path
) -> None:
    """In no log, artifact, process, answer or database: only in the file that HAProxy reads."""
    pem = authority.issue("secret.test")
    other = authority.issue("other.test")
    secrets = secrets_of(pem)
    assert secrets
    answers = []
    with Watch(secrets) as watch:
        for arguments in (
            {"content": pem.combined, "dry_run": True},
            {"content": pem.combined},
            {"content": other.chain, "key_content": pem.key},
            {"content": pem.combined.replace("PRIVATE KEY", "PRIVATE KEI")},
            {"content": pem.key, "name": "-"},
            {"kontent": pem.combined},
        ):
            try:
                answers.append(str(site.server.call("haproxy_load_cert", **arguments)))
            except ToolFailed as failed:
                answers.append(str(failed))
    assert watch.looks > 3 and watch.seen == []
    assert site.served("secret.test") == pem.fingerprint
    assert not [a for a in answers if any(secret.decode() in a for secret in secrets)]
    kept = site.managed.base_dir / "certs/secret.test.ecdsa.pem"
    folders = [site.managed.base_dir.parent, sshd.folder, tmp_path, Path("/dev/shm")]
    # A job's own folder goes a moment after the answer, which does not wait for it.
    wait_until(lambda: found_in(folders, secrets) == [kept], 5, "only the file has it")
    assert not any(secret.decode() in site.server.log for secret in secrets)
    hidden = [call for call in site.calls() if "(hidden)" in call.arguments]
    assert len(hidden) >= 5 and '"content":"(hidden)"' in hidden[-1].arguments
    history = site.server.with_client(lambda c: c.read_resource("haproxy://history"))
    assert not any(secret.decode() in str(history) for secret in secrets)


@pytest.fixture
def acme(haproxy_binary: Path, tmp_path: Path) -> Iterator[tuple[AcmeSite, McpServer]]:
    """Give a host on which acme.sh is set up, for a CA of its own, and the server on that host."""
    made = AcmeSite(haproxy_binary, tmp_path)
    variables = host_variables(made.managed, None, sys.executable)
    inventory = write_inventory(tmp_path, {"lb1": variables})
    path = f"{made.acme.environment()['PATH']}:{os.environ['PATH']}"
    server = McpServer(tmp_path / "mcp", "--inventory", inventory, PATH=path)
    server.start()
    yield made, server
    server.stop()
    made.stop()


def test_issue_and_renew(acme: tuple[AcmeSite, McpServer]) -> None:
    """Ordered with a wildcard, not due, forced, all renewed, deleted: each seen by a handshake."""
    site, server = acme
    served = site.managed.served
    order = {"domains": ["example.test", "*.example.test"]}
    planned = server.call("haproxy_issue_cert", **order, dry_run=True)
    assert planned["changed"] and "to be made" in str(planned["hosts"][0]["diff"])
    issued = server.call("haproxy_issue_cert", **order, plan_id=planned["plan_id"])
    first = issued["hosts"][0]["details"]["certificates"][0]["fingerprint"]
    assert served("example.test") == served("any.example.test") == first
    assert not server.call("haproxy_issue_cert", **order)["changed"]
    name = {"name": "example.test", "confirm": True}
    assert not server.call("haproxy_renew_cert", **name)["changed"]
    assert server.call("haproxy_renew_cert", **name, force=True)["changed"]
    second = served("example.test")
    assert second not in (None, first)
    assert not server.call("haproxy_renew_all_certs", confirm=True)["changed"]
    plan = server.call("haproxy_renew_all_certs", force=True, dry_run=True)["plan_id"]
    forced = server.call("haproxy_renew_all_certs", force=True, confirm=True, plan_id=plan)
    assert forced["changed"]
    assert served("example.test") not in (None, first, second)
    with pytest.raises(ToolFailed, match="no.test.*not a certificate that acme.sh keeps"):
        server.call("haproxy_renew_cert", name="no.test", confirm=True)
    assert server.call("haproxy_delete_cert", **name)["changed"]
    assert served("example.test") is None
    with pytest.raises(ToolFailed, match="acme.sh --issue failed.*refused.invalid"):
        server.call("haproxy_issue_cert", domains=["no.refused.invalid"], challenge="http-01")
