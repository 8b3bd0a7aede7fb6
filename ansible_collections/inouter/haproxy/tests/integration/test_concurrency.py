# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writers at once, and a lock that somebody holds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from .lab.managed import ROOT, Managed

PLAYBOOKS, DOMAINS = 8, 25
HOLD_LOCK = """
import sys, time
from ansible_collections.inouter.haproxy.plugins.module_utils._instance import lock
with lock.locked(sys.argv[1], "haproxy_test", 1):
    print("held", flush=True)
    time.sleep(60)
"""


def playbook(managed: Managed, number: int, folder: Path) -> Path:
    """A playbook that adds its own domains, one task each."""
    tasks = [
        {
            "inouter.haproxy.haproxy_domain": {
                "domain": f"d{index}.p{number}.test",
                "ip": f"127.0.{number}.{index + 1}",
            }
        }
        for index in range(DOMAINS)
    ]
    defaults = {"group/inouter.haproxy.haproxy": {"base_dir": str(managed.base_dir)}}
    path = folder / f"playbook{number}.yml"
    play = {"hosts": "localhost", "module_defaults": defaults, "tasks": tasks}
    path.write_text(yaml.safe_dump([play], sort_keys=False))
    return path


def start(path: Path) -> subprocess.Popen[str]:
    """Start ansible-playbook on it."""
    command: list[str | Path] = [
        Path(sys.executable).parent / "ansible-playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
    ]
    interpreter = f"ansible_python_interpreter={sys.executable}"
    return subprocess.Popen(
        [*command, "-e", interpreter, path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.timeout(300)
@pytest.mark.haproxy("3.2")
def test_eight_playbooks_at_once(haproxy_binary: Path, tmp_path: Path) -> None:
    """8 x 25 domains: all are there, no pool is used twice, everything agrees."""
    managed = Managed(haproxy_binary, tmp_path / "haproxy", pools=210, slots=2)
    managed.start()
    running = [start(playbook(managed, number, tmp_path)) for number in range(PLAYBOOKS)]
    for child in running:
        out, _err = child.communicate(timeout=280)
        assert child.returncode == 0, out[-3000:]
    rows = managed.module("haproxy_domain_info")["domains"]
    assert len(rows) == PLAYBOOKS * DOMAINS
    assert len({row["pool"] for row in rows}) == PLAYBOOKS * DOMAINS
    assert managed.runtime_map() == {row["domain"]: row["pool"] for row in rows}
    assert not managed.check("haproxy_state")["changed"]
    managed.process.stop()


@pytest.mark.haproxy("3.2")
def test_lock_names_its_holder(haproxy_binary: Path, tmp_path: Path) -> None:
    """A writer that waits in vain says who holds the lock and what to do."""
    managed = Managed(haproxy_binary, tmp_path / "haproxy", pools=2)
    lock = managed.base_dir / "run/inouter.lock"
    command: list[str | Path] = [sys.executable, "-c", HOLD_LOCK, lock]
    options = {"domain": "example.com", "ip": "127.0.0.1", "lock_timeout": 1}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        message = managed.fails("haproxy_domain", **options)
        holder.kill()
    assert f"pid {holder.pid}" in message and "haproxy_test" in message
    assert "lock_timeout" in message
    assert managed.module("haproxy_domain", **options)["changed"]


def test_reload_in_the_middle(managed: Managed) -> None:
    """HAProxy reloaded by somebody else again and again while domains come: nothing is lost."""
    deadline = time.monotonic() + 6
    count = 0
    while time.monotonic() < deadline and count < 19:
        options = json.loads(f'{{"domain": "d{count}.test", "ip": "127.0.0.{count + 1}"}}')
        child = managed.popen("haproxy_domain", **options)
        managed.process.reload()
        out, err = child.communicate(timeout=30)
        assert child.returncode == 0, (out, err)
        count += 1
    managed.module("haproxy_state")
    rows = managed.module("haproxy_domain_info")["domains"]
    assert managed.runtime_map() == {row["domain"]: row["pool"] for row in rows}
    assert len(rows) == count
