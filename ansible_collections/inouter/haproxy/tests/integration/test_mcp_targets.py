# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several hosts, and the ways to reach one: jump hosts, host keys, keys; and who is left out."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.children import wait_until
from .lab.managed import Managed
from .lab.mcp import McpServer, ToolFailed, host_variables, write_inventory
from .lab.sshd import Sshd

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-targets"),
    pytest.mark.timeout(300),
]
PYTHON = "/usr/bin/python3"
Start = Callable[..., McpServer]


@pytest.fixture
def hosts(haproxy_binary: Path, tmp_path: Path) -> Iterator[dict[str, Managed]]:
    """Give two managed HAProxies."""
    made = {name: Managed(haproxy_binary, tmp_path / name, pools=5) for name in ("lb1", "lb2")}
    for managed in made.values():
        managed.start()
    yield made
    for managed in made.values():
        managed.process.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give the way to start a server for an inventory."""
    made: list[McpServer] = []

    def run(variables: dict[str, dict[str, Any]], *arguments: str) -> McpServer:
        inventory = write_inventory(tmp_path, variables)
        made.append(McpServer(tmp_path / "mcp", "--inventory", inventory, *arguments))
        made[-1].start()
        return made[-1]

    yield run
    for server in made:
        server.stop()


def test_a_group(hosts: dict[str, Managed], sshd: Sshd, start: Start) -> None:
    """One call for all of them, with one plan for all; and one host alone."""
    variables = {name: host_variables(m, sshd, PYTHON) for name, m in hosts.items()}
    server = start(variables)
    wish = {"domain": "a.test", "ip": "127.0.0.1"}
    planned = server.call("haproxy_add_domain", **wish, dry_run=True)
    assert [host["host"] for host in planned["hosts"]] == ["lb1", "lb2"]
    done = server.call("haproxy_add_domain", **wish, plan_id=planned["plan_id"])
    assert all(host["verified"] for host in done["hosts"])
    assert all(m.runtime_map() == {"a.test": "pool_1"} for m in hosts.values())
    server.call("haproxy_add_domain", domain="b.test", ip="127.0.0.2", target="lb2")
    listed = server.call("haproxy_list_domains")["hosts"]
    assert [(host["host"], host["total"]) for host in listed] == [("lb1", 1), ("lb2", 2)]
    planned = server.call("haproxy_add_domain", domain="d.test", ip="127.0.0.4", dry_run=True)
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        server.call("haproxy_add_domain", domain="d.test", ip="127.0.0.5", **_plan(planned))
    done = server.call("haproxy_add_domain", domain="d.test", ip="127.0.0.4", **_plan(planned))
    assert [host["changed"] for host in done["hosts"]] == [True, True]
    with pytest.raises(ToolFailed, match="is a plan for 2 hosts, but the target has 1"):
        server.call("haproxy_add_domain", **wish, plan_id=planned["plan_id"], target="lb1")
    hosts["lb2"].module("haproxy_domain", domain="c.test", ip="127.0.0.3")
    again = server.call("haproxy_add_server", domain="a.test", ip="127.0.0.9", dry_run=True)
    hosts["lb2"].module("haproxy_domain", domain="c.test", state="absent")
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        server.call("haproxy_add_server", domain="a.test", ip="127.0.0.9", plan_id=again["plan_id"])


def _plan(planned: dict[str, Any]) -> dict[str, str]:
    return {"plan_id": planned["plan_id"]}


def test_more_hosts_than_workers(hosts: dict[str, Managed], sshd: Sshd, start: Start) -> None:
    """Hosts with options of their own take turns, at the start and in a call: none is too many."""
    variables = {name: host_variables(m, sshd, PYTHON) for name, m in hosts.items()}
    variables["lb3"] = variables["lb2"]
    server = start(variables, "--workers", "1", "--waiting", "1")
    agree = "agrees with its database"
    wait_until(lambda: server.log.count(agree) == 3, 60, "all hosts were converged")
    done = server.call("haproxy_add_domain", domain="a.test", ip="127.0.0.1")
    assert [host["changed"] for host in done["hosts"]] == [True, True, False]


def test_a_host_that_is_away(hosts: dict[str, Managed], sshd: Sshd, start: Start) -> None:
    """Reads tell who did not answer; a write to the group does nothing at all."""
    good = host_variables(hosts["lb1"], sshd, PYTHON)
    away = {**host_variables(hosts["lb2"], sshd, PYTHON), "ansible_port": 1}
    server = start({"lb1": good, "lb2": away}, "--no-converge")
    answer = server.call("haproxy_list_domains")
    assert [host["host"] for host in answer["hosts"]] == ["lb1"]
    (failed,) = answer["failed"]
    assert failed["host"] == "lb2" and "no SSH connection to 127." in failed["message"]
    with pytest.raises(ToolFailed, match="no SSH connection.*Nothing was changed"):
        server.call("haproxy_add_domain", domain="a.test", ip="127.0.0.1")
    assert hosts["lb1"].runtime_map() == {}


def test_over_a_jump_host(
    hosts: dict[str, Managed], sshd: Sshd, start: Start, tmp_path: Path
) -> None:
    """Reads and writes go over it by its own key and the ssh configuration; its key is checked."""
    (tmp_path / "jump").mkdir()
    jump = Sshd(tmp_path / "jump")
    jump.start()
    try:
        config, known = tmp_path / "config", jump.folder / "known_hosts"
        config.write_text(_configuration(jump))
        words = ["-F", str(config), "-o", f"UserKnownHostsFile={sshd.folder / 'known_hosts'}"]
        through = f"ssh -F {config} -W %h:%p bastion"
        variables = host_variables(hosts["lb1"], sshd, PYTHON)
        for number, way in enumerate((["-J", "bastion"], ["-o", f"ProxyCommand={through}"]), 1):
            common = shlex.join([*words, *way])
            server = start({"lb1": {**variables, "ansible_ssh_common_args": common}})
            server.call("haproxy_add_domain", domain=f"{number}.test", ip="127.0.0.1")
            assert server.call("haproxy_list_domains")["hosts"][0]["total"] == number
            server.stop()
        known.write_text("")
        common = shlex.join([*words, "-J", "bastion"])
        server = start({"lb1": {**variables, "ansible_ssh_common_args": common}}, "--read-only")
        place = f"{jump.address[0]} port {jump.address[1]}"
        with pytest.raises(ToolFailed, match=f"host key of {place} is not in known_hosts.*keyscan"):
            server.call("haproxy_list_domains")
    finally:
        jump.stop()


def _configuration(jump: Sshd) -> str:
    """What a user's ssh configuration says of a jump host."""
    ip, port = jump.address
    files = {"IdentityFile": "client_key", "UserKnownHostsFile": "known_hosts"}
    lines = [f"{name} {jump.folder / file}" for name, file in files.items()]
    place = f"HostName {ip}\nPort {port}\nUser {jump.user}\n"
    return f"Host bastion\n{place}IdentitiesOnly yes\n" + "\n".join(lines) + "\n"


def test_host_keys_are_strict(
    hosts: dict[str, Managed], sshd: Sshd, start: Start, tmp_path: Path
) -> None:
    """An unknown key and a wrong one are refused."""
    variables = host_variables(hosts["lb1"], sshd, PYTHON)
    known = tmp_path / "known_hosts"
    options = ["-o", f"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none"]
    variables["ansible_ssh_common_args"] = shlex.join(["-F", "none", *options])
    known.write_text("")
    server = start({"lb1": variables}, "--read-only")
    with pytest.raises(ToolFailed, match="host key of .* is not in known_hosts"):
        server.call("haproxy_list_domains")
    assert known.read_text() == ""
    key = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    ip, port = sshd.address
    known.write_text(f"[{ip}]:{port} {key.with_suffix('.pub').read_text()}")
    wait_until(lambda: "another host key" in _words(server), 20, "the new file is read")
    known.write_text((sshd.folder / "known_hosts").read_text())
    wait_until(lambda: _words(server) == "", 20, "the right key is known")


@pytest.mark.parametrize(
    "lax",
    [
        {"ansible_ssh_args": "-C -o StrictHostKeyChecking=no"},
        {"ansible_ssh_args": "-C", "ansible_ssh_host_key_checking": False},
    ],
    ids=["argument", "variable"],
)
def test_no_inventory_switches_host_keys_off(
    hosts: dict[str, Managed], sshd: Sshd, start: Start, tmp_path: Path, lax: dict[str, Any]
) -> None:
    """Nobody logs in to a host that is not known: not at the start, and for no call."""
    variables = {**host_variables(hosts["lb1"], sshd, PYTHON), **lax}
    known = f"-F none -o UserKnownHostsFile={tmp_path}/known -o GlobalKnownHostsFile=none"
    before = sshd.log.count("Accepted")
    server = start({"lb1": {**variables, "ansible_ssh_common_args": known}})
    wait_until(lambda: "site: lb1: " in server.log, 60, "the start is over")
    assert "lb1: not converged: lb1: ansible_ssh" in server.log
    for tool, options in (
        ("haproxy_health", {}),
        ("haproxy_add_domain", {"domain": "a.test", "ip": "127.0.0.1"}),
    ):
        with pytest.raises(ToolFailed, match="host keys are always checked"):
            server.call(tool, **options)
    assert sshd.log.count("Accepted") == before


def _words(server: McpServer) -> str:
    """What a read that fails says, or nothing."""
    try:
        server.call("haproxy_list_domains")
    except ToolFailed as failed:
        return str(failed)
    return ""


def test_what_reads_cannot_use(hosts: dict[str, Managed], sshd: Sshd, start: Start) -> None:
    """Templates, other connections and other ways to become somebody are named."""
    good = host_variables(hosts["lb1"], sshd, PYTHON)
    variables = {
        "templated": {**good, "ansible_host": "{{ somewhere }}"},
        "contained": {**good, "ansible_connection": "containers.podman.podman"},
        "doas": {**good, "ansible_become": True, "ansible_become_method": "doas"},
        "keyless": {**good, "ansible_ssh_private_key_file": "/no/such/key"},
        "pythonless": {**good, "ansible_python_interpreter": "/no/such/python"},
    }
    server = start(variables, "--read-only")
    for target, words in (
        ("templated", "ansible_host is a template"),
        ("contained", "'containers.podman.podman' cannot be used for reads. Use ssh or local"),
        ("doas", "'doas' cannot be used for reads. Use sudo"),
        ("keyless", "no SSH connection|does not accept"),
        ("pythonless", "/no/such/python"),
    ):
        with pytest.raises(ToolFailed, match=words):
            server.call("haproxy_health", target=target)
