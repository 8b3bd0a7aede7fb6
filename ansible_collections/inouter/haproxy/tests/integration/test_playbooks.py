# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks, run by their names."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab import ports
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


@pytest.mark.timeout(300)
def test_site(
    run: Run, haproxy_binary: Path, managed: Managed, tmp_path: Path, named_origins: Start
) -> None:
    """From nothing to a domain, and a frontend for the MCP server that makes its own token."""
    (one,) = named_origins("one")
    base, port = tmp_path / "site", ports.free_ports(1)[0]
    site = {
        "haproxy_base_dir": str(base),
        "haproxy_install": "existing",
        "haproxy_binary": str(haproxy_binary),
        "haproxy_supervisor": "process",
        "haproxy_pool_count": 5,
        "haproxy_maxconn": 100,
        "haproxy_http_binds": [f"{ports.loopback()}:{port}"],
        **dict.fromkeys(("haproxy_user", "haproxy_group", "haproxy_log", "haproxy_stats_bind"), ""),
        "haproxy_mcp_domain": "mcp.test",
        "haproxy_mcp_servers": ["{ip}:{http_port}".format(**one)],
        "site_domains": [{"domain": "shop.test", **one}],
    }
    try:
        assert changed(run("site", "--check", **site)) > 0
        assert not base.exists()
        assert changed(run("site", **site)) > 0
        assert changed(run("site", **site)) == 0
        address = (ports.loopback(), port)
        assert get(address, "shop.test") == Answer(200, "one\n")
        assert get(address, "mcp.test").status == 401
        tokens = base / "conf/mcp-token.env"
        name, _equals, token = tokens.read_text().strip().partition("=")
        assert (name, len(token), tokens.stat().st_mode & 0o777) == ("MCP_TOKEN", 43, 0o600)
        assert hashlib.sha256(token.encode()).hexdigest().upper() in (
            base / "conf/mcp-tokens"
        ).read_text().split("\n")
    finally:
        subprocess.run([base / "run/supervise", "stop"], check=False, capture_output=True)


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
