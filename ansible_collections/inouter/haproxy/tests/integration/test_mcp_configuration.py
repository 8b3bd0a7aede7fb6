# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools for the configuration, the start of the server, and the old environment variables."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab.children import wait_until
from .lab.http import Answer
from .lab.managed import ROOT, Managed
from .lab.mcp import MODULE, McpServer, ToolFailed, environment
from .lab.mcp_site import McpSite
from .lab.sshd import Sshd

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-configuration"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def site(
    haproxy_binary: Path,
    origin_binary: Path,
    sshd: Sshd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[McpSite]:
    """Give a server with its host, whose state file is where the environment says."""
    folder = tmp_path_factory.mktemp("mcp")
    state = str(folder / "servers.state")
    made = McpSite(haproxy_binary, origin_binary, sshd, folder, HAPROXY_STATE_FILE=state)
    yield made
    made.stop()


def test_reload(site: McpSite) -> None:
    """A new worker, a lasting domain; a bad configuration is not loaded; a plan is for one."""
    site.managed.module("haproxy_domain", domain="a.test", **site.origin("one"))
    before = site.worker()
    plan = site.server.call("haproxy_reload", dry_run=True)["plan_id"]
    assert site.worker() == before
    done = site.ok("haproxy_reload", confirm=True, plan_id=plan)
    assert done["details"]["worker"] == site.worker() != before and done["verified"]
    assert site.get("a.test") == Answer(200, "one\n")
    config = site.managed.base_dir / "conf/haproxy.cfg"
    good, worker = config.read_text(), site.worker()
    config.write_text(f"{good}\nnonsense here\n")
    with pytest.raises(ToolFailed, match="(?s)nonsense.*Call haproxy_check_config"):
        site.server.call("haproxy_reload", confirm=True)
    config.write_text(f"{good}\n# changed\n")
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        site.server.call("haproxy_reload", confirm=True, plan_id=plan)
    assert site.worker() == worker


def test_save_and_restore(site: McpSite, tmp_path: Path) -> None:
    """To the file that HAPROXY_STATE_FILE names and back: HAProxy has the servers of then."""
    site.managed.module("haproxy_domain", domain="s.test", **site.origin("one"))
    pool = site.managed.module("haproxy_server_info", domain="s.test")["pool"]
    state = site.inventory.parent / "servers.state"
    saved = site.ok("haproxy_save_state")
    assert saved["changed"] and saved["details"]["state_file"] == str(state)
    assert f" {pool}_1 " in state.read_text()
    assert not site.ok("haproxy_save_state")["changed"]
    change = {"domain": "s.test", "slot": 1, **site.origin("two"), "weight": 7}
    site.managed.module("haproxy_server", **change)
    site.managed.module("haproxy_domain", domain="later.test", ip="127.0.0.8")
    assert site.get("s.test") == Answer(200, "two\n")
    planned = site.server.call("haproxy_restore_state", dry_run=True)
    assert "weight 7" in str(planned["hosts"][0]["diff"])
    site.changed("haproxy_restore_state", confirm=True, plan_id=planned["plan_id"])
    wait_until(lambda: site.get("s.test") == Answer(200, "one\n"), 15, "the first server serves")
    assert site.slot(f"{pool}_1")["weight"] == "1"
    later = site.managed.module("haproxy_server_info", domain="later.test")["servers"]
    assert [server["ip"] for server in later] == ["127.0.0.8"]
    assert not site.ok("haproxy_restore_state", confirm=True)["changed"]
    with pytest.raises(ToolFailed, match="does not exist"):
        site.server.call("haproxy_restore_state", state_file=str(tmp_path / "no"), confirm=True)


def test_start_converges(site: McpSite) -> None:
    """What somebody changed by hand is put right at the start, and the log says what it was."""
    site.managed.module("haproxy_domain", domain="c.test", **site.origin("one"))
    pool = site.managed.module("haproxy_server_info", domain="c.test")["pool"]
    site.server.stop()
    site.managed.ask(f"set server {pool}/{pool}_1 state maint")
    assert site.get("c.test").status == 503
    site.server.start()
    wait_until(lambda: site.get("c.test") == Answer(200, "one\n"), 60, "it serves again")
    said = f"lb1: made to agree with its database: slot {pool}_1"
    wait_until(lambda: said in site.server.log, 30, "the log says so")
    assert said.partition(": ")[2] in str(site.ok("haproxy_health"))


@pytest.fixture
def local(haproxy_binary: Path, tmp_path: Path) -> Iterator[Managed]:
    """Give a HAProxy on this machine."""
    made = Managed(haproxy_binary, tmp_path / "opt", pools=5)
    made.start()
    yield made
    made.process.stop()


def test_the_old_environment(local: Managed, tmp_path: Path) -> None:
    """Without an inventory: the HAProxy of this machine, as the variables always described it."""
    conf = local.base_dir / "conf"
    server = McpServer(
        tmp_path / "mcp",
        HAPROXY_MAP_FILE=str(conf / "domains.map"),
        HAPROXY_REMOTE_DB_FILE=str(conf / "haproxy_mcp.db"),
        HAPROXY_POOL_COUNT="8",
        HAPROXY_MAX_SLOTS="10",
    )
    server.start()
    try:
        added = server.call("haproxy_add_domain", domain="a.test", ip="127.0.0.1")
        assert added["hosts"][0]["verified"]
        assert local.runtime_map() == {"a.test": "pool_1"}
        (health,) = server.call("haproxy_health")["hosts"]
        assert health["status"] == "healthy"
        wait_until(lambda: "settings changed, a reload is needed" in server.log, 60, "it says so")
        assert local.module("haproxy_instance")["settings"]["pool_count"] == 8
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HAPROXY_HOST": "lb.example.com"}, "is another machine.*--inventory"),
        ({"HAPROXY_SERVERS_FILE": "/x/servers.json"}, "is not used any more"),
        ({"HAPROXY_DB_FILE": "/app/data/haproxy_mcp.db"}, "no working copy of the database"),
        ({"HAPROXY_PORT": "none"}, "HAPROXY_PORT: 'none' is not a whole number"),
        ({"LOG_LEVEL": "LOUD"}, "'LOUD' is not one of DEBUG"),
        ({"MCP_TOKEN": "short"}, "at least 32 characters"),
        ({}, "nobody could call this server.*token new"),
    ],
    ids=["host", "servers", "database", "port", "level", "token", "none"],
)
def test_what_means_nothing_is_refused(variables: dict[str, str], words: str) -> None:
    """It does not start, and says why and what to do."""
    done = subprocess.run(
        [sys.executable, "-m", MODULE],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert re.search(words, done.stderr, re.DOTALL), done.stderr
