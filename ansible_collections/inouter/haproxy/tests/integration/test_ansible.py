# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks, over the local connection and over SSH, and the role."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import ports
from .lab.http import Answer, get
from .lab.playbooks import Playbooks
from .lab.sshd import Sshd

Start = Callable[..., list[dict[str, Any]]]
Variables = dict[str, Any]
pytestmark = pytest.mark.haproxy("3.4")


@pytest.fixture(params=["local", "ssh"])
def playbooks(request: pytest.FixtureRequest, tmp_path: Path) -> Playbooks:
    """Give a host over each connection."""
    if request.param == "ssh":
        server: Sshd = request.getfixturevalue("sshd")
        return Playbooks(tmp_path, server.inventory_vars())
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return Playbooks(tmp_path, variables)


@pytest.fixture
def role(haproxy_binary: Path, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Give a play that applies the role below a scratch folder, and stop what it started."""
    base = tmp_path / "lb"
    bind = f"{ports.loopback()}:{ports.free_ports(1)[0]}"
    variables = {
        "haproxy_install": "existing",
        "haproxy_binary": str(haproxy_binary),
        "haproxy_supervisor": "process",
        "haproxy_base_dir": str(base),
        "haproxy_pool_count": 10,
        "haproxy_maxconn": 200,
        "haproxy_http_binds": [bind],
        **dict.fromkeys(("haproxy_user", "haproxy_group", "haproxy_log", "haproxy_stats_bind"), ""),
    }
    yield {"roles": ["inouter.haproxy.haproxy"], "vars": variables}
    subprocess.run([base / "run/supervise", "stop"], check=True, capture_output=True)


def tasks(role: dict[str, Any], servers: list[dict[str, Any]]) -> dict[str, Any]:
    """A play of each kind of write."""
    one, two = servers
    listed: list[dict[str, Any]] = [
        {"haproxy_domain": {"domain": "example.com", **one}},
        {"haproxy_domain": {"domain": "*.example.com", **two}},
        {"haproxy_domain": {"domain": "www.test", "share_with": "example.com"}},
        {"haproxy_server": {"domain": "*.example.com", "slot": 2, **one, "state": "maint"}},
        {"haproxy_state": {}},
        {"haproxy_health_info": {}, "register": "health"},
        {"ansible.builtin.assert": {"that": "health.status == 'healthy'", "quiet": True}},
    ]
    named = [
        {f"inouter.haproxy.{k}" if k.startswith("haproxy_") else k: v for k, v in t.items()}
        for t in listed
    ]
    defaults = {"base_dir": role["vars"]["haproxy_base_dir"]}
    return {"module_defaults": {"group/inouter.haproxy.haproxy": defaults}, "tasks": named}


@pytest.mark.timeout(600)
def test_playbooks(playbooks: Playbooks, role: dict[str, Any], named_origins: Start) -> None:
    """Role and modules, twice: right answers, and nothing to do the second time."""
    servers = named_origins("one", "two")
    assert playbooks.run(role)["changed"] > 0
    assert playbooks.run(role)["changed"] == 0
    play = tasks(role, servers)
    checked = playbooks.run(play, "--check", "--diff")
    done = playbooks.run(play, "--diff")
    assert (checked["changed"], done["changed"]) == (4, 4)
    again = playbooks.run(play, "--diff")
    assert again["changed"] == 0
    host, port = role["vars"]["haproxy_http_binds"][0].split(":")
    found = [get((host, int(port)), h) for h in ("example.com", "x.example.com", "www.test")]
    assert found == [Answer(200, "one\n"), Answer(200, "two\n"), Answer(200, "one\n")]


@pytest.mark.timeout(600)
def test_role_changes_configuration(role: dict[str, Any], tmp_path: Path) -> None:
    """A changed variable costs a reload, not a restart; a bad one is never installed."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    playbooks = Playbooks(tmp_path, variables)
    playbooks.run(role)
    base = Path(role["vars"]["haproxy_base_dir"])
    master = (base / "run/haproxy.pid").read_text().split()[0]
    role["vars"]["haproxy_timeout_client"] = "31s"
    assert playbooks.run(role)["changed"] == 2
    assert (base / "run/haproxy.pid").read_text().split()[0] == master
    config = (base / "conf/haproxy.cfg").read_text()
    assert "timeout client 31s" in config
    role["vars"]["haproxy_timeout_client"] = "soon"
    with pytest.raises(AssertionError, match="unexpected character"):
        playbooks.run(role)
    assert (base / "conf/haproxy.cfg").read_text() == config
