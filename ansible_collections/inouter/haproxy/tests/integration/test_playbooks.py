# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks, run by their names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab.http import Answer, get
from .lab.managed import ROOT, Managed

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., list[dict[str, Any]]]
pytestmark = pytest.mark.haproxy("3.2")


@pytest.fixture
def run(managed: Managed, tmp_path: Path) -> Run:
    """Give a function that runs a playbook on a managed HAProxy."""
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ansible_become": False,
        "haproxy_base_dir": str(managed.base_dir),
    }
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"haproxy": {"hosts": {"lb": host}}}))

    def play(name: str, *more: str, **variables: object) -> subprocess.CompletedProcess[str]:
        command = ["ansible-playbook", "-i", str(inventory), f"inouter.haproxy.{name}", *more]
        given = ["--extra-vars", json.dumps(variables)]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        return subprocess.run(
            [*command, *given],
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return play


def changed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tasks changed something, in a run that was good."""
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.rpartition("changed=")[2].split()[0])


def test_domains_and_servers(run: Run, managed: Managed, named_origins: Start) -> None:
    one, two = named_origins("one", "two")
    domain = {
        "domain_name": "shop.test",
        "domain_ip": one["ip"],
        "domain_http_port": one["http_port"],
    }
    assert changed(run("domain", "--check", **domain)) == 1
    assert changed(run("domain", **domain)) == 1
    assert changed(run("domain", **domain)) == 0
    assert get(managed.http, "shop.test") == Answer(200, "one\n")
    other = {"server_ip": two["ip"], "server_http_port": two["http_port"]}
    assert changed(run("server", server_domain="shop.test", **other)) == 1
    first = {"server_domain": "shop.test", "server_slot": 1, "server_state": "drain"}
    assert changed(run("server", server_wait_drain=True, **first)) == 1
    assert get(managed.http, "shop.test") == Answer(200, "two\n")
    assert changed(run("domain", domain_name="shop.test", domain_state="absent")) == 1
    assert get(managed.http, "shop.test").status == 404


def test_health_converge_and_config(run: Run, managed: Managed, named_origins: Start) -> None:
    (one,) = named_origins("one")
    managed.module("haproxy_domain", domain="shop.test", **one)
    assert changed(run("health")) == changed(run("health", health_domain="shop.test")) == 0
    (managed.base_dir / "conf/pools/pool_1.cfg").write_text("")
    assert changed(run("converge")) == 1
    assert changed(run("converge")) == changed(run("config")) == 0
    assert changed(run("config", config_state="reloaded")) == 1
    (managed.base_dir / "conf/domains.map").unlink()
    unwell = run("health")
    assert unwell.returncode != 0
    assert "HAProxy: degraded" in unwell.stdout


@pytest.mark.parametrize(
    ("name", "variables", "words"),
    [
        ("domain", {}, "missing required arguments: domain_name"),
        ("server", {"server_domain": "a.test", "server_state": "off"}, "must be one of: present"),
        ("config", {"config_state": "restarted"}, "must be one of: checked, reloaded"),
        ("cert", {"cert_domains": 7, "cert_force": "perhaps"}, "cert_force"),
    ],
    ids=["domain", "server", "config", "cert"],
)
def test_wrong_variables(run: Run, name: str, variables: dict[str, Any], words: str) -> None:
    failed = run(name, **variables)
    assert failed.returncode != 0
    assert words in failed.stdout
