# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes of the MCP server: real SSH, real HAProxy, Ansible's own results."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes import fork_server
from ansible_collections.inouter.haproxy.mcp_server.writes.task import Busy, Task, TaskFailed
from ansible_collections.inouter.haproxy.mcp_server.writes.writes import Writes

from .lab.managed import Managed
from .lab.ports import free_ports
from .lab.sshd import Sshd, says
from .lab.write_lane import HOST, domain, held, inventory, one, run, stuck, until, with_writes

pytestmark = pytest.mark.haproxy("3.2")


def test_check_then_write_then_nothing_to_do(managed: Managed, sshd: Sshd) -> None:
    """A check tells what a write then does, and does nothing; a write is seen at HAProxy."""

    async def body(writes: Writes) -> None:
        checked = await one(writes, domain(managed, "a.test", check=True))
        assert (checked.host, checked.status, managed.runtime_map()) == (HOST, "changed", {})
        assert "invocation" not in checked.result
        done = await one(writes, domain(managed, "a.test"))
        assert done.status == "changed" and done.result["verified"] is True
        assert done.result["diff"] == checked.result["diff"] != []
        assert managed.runtime_map() == {"a.test": done.result["pool"]}
        again = await one(writes, domain(managed, "a.test"))
        assert (again.status, again.result["changed"]) == ("ok", False)

    run(with_writes(inventory(sshd), body))


def test_a_refusal_is_the_modules_own_sentence(managed: Managed, sshd: Sshd) -> None:
    """A failed task is a result, not an exception."""

    async def body(writes: Writes) -> None:
        refused = await one(writes, domain(managed, "no domain"))
        assert refused.status == "failed"
        assert "'no domain' is not a domain" in refused.result["msg"]
        unknown = await one(writes, Task((HOST,), "inouter.haproxy.haproxy_no_such", {}))
        assert unknown.status == "failed" and "haproxy_no_such" in unknown.result["msg"]

    run(with_writes(inventory(sshd), body))


def test_nothing_that_is_sent_is_a_template(managed: Managed, sshd: Sshd, tmp_path: Path) -> None:
    """Names, values and keys, at any depth, reach the module as they are."""
    marker = tmp_path / "evaluated"
    evil = "{{ lookup('ansible.builtin.pipe', 'touch " + str(marker) + "') }}"

    async def body(writes: Writes) -> None:
        for options in (
            {"domain": evil},
            {"ip": evil},
            {"ip": None, "servers": [{"ip": evil}]},
            {evil: 1},
        ):
            task = domain(managed, "a.test", **options)
            sent = {key: value for key, value in task.arguments.items() if value is not None}
            result = await one(writes, Task((HOST,), task.module, sent))
            assert result.status == "failed" and "lookup(" in result.result["msg"]
        for host in (evil, "all:!x", "lb,other", "~.*", "*"):
            with pytest.raises(TaskFailed, match="is no name of a host"):
                await writes.run(Task((host,), "ansible.builtin.ping", {}))

    run(with_writes(inventory(sshd), body))
    assert not marker.exists()


def test_same_results_without_the_fork_server(
    managed: Managed, sshd: Sshd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no fork server starts, the plain ansible-playbook does the same, and says so."""
    results: list[dict[str, Any]] = []

    async def body(writes: Writes) -> None:
        for name, check in (("a.test", True), ("no domain", False)):
            result = await one(writes, domain(managed, name, check=check))
            results.append({"status": result.status, **result.result})

    run(with_writes(inventory(sshd), body))
    monkeypatch.setattr(fork_server, "MODULE", "no_such_module")
    with caplog.at_level(logging.WARNING):
        run(with_writes(inventory(sshd), body))
    assert "each write runs a plain ansible-playbook" in caplog.text
    warm, plain = results[:2], results[2:]
    for result in plain:
        assert "fork server cannot be used" in result.pop("warnings")[-1]
    for result in warm:
        result.pop("warnings")
    assert warm == plain


def test_what_a_module_warns_of(managed: Managed, sshd: Sshd) -> None:
    """The caller is told that an earlier write was cut off."""
    managed.module("haproxy_domain", domain="a.test", ip="127.0.0.1")
    with sqlite3.connect(managed.base_dir / "conf/haproxy_mcp.db") as connection:
        newest = "SELECT max(generation) FROM history"
        connection.execute(f"UPDATE history SET outcome = 'pending' WHERE generation = ({newest})")
    connection.close()

    async def body(writes: Writes) -> None:
        result = await one(writes, domain(managed, "b.test"))
        (warning,) = result.result["warnings"]
        assert "An earlier write was cut off" in warning

    run(with_writes(inventory(sshd), body))


def test_hosts_of_which_one_is_down(managed: Managed, sshd: Sshd) -> None:
    """Each host has its own result, in the order in which they were named."""
    hosts = inventory(sshd, "lb", "down")
    group = hosts["all"]["children"]["lbs"]["hosts"]
    group["down"] = {**group["down"], "ansible_port": free_ports(1, sshd.address[0])[0]}

    async def body(writes: Writes) -> None:
        for order in (("lb", "down"), ("down", "lb")):
            results = await writes.run(domain(managed, f"{order[0]}.test", *order))
            assert tuple(result.host for result in results) == order
            found = {result.host: result for result in results}
            assert found["lb"].status == "changed"
            assert found["down"].status == "unreachable"
            assert says(found["down"].result["msg"], "Connection refused")

    run(with_writes(hosts, body))


def test_an_unknown_host_key_is_refused(sshd: Sshd, tmp_path: Path) -> None:
    """No host is believed whose key is not known."""
    (tmp_path / "known_hosts").touch()
    known = (
        f"-F none -o UserKnownHostsFile={tmp_path}/known_hosts -o GlobalKnownHostsFile=/dev/null"
    )

    async def body(writes: Writes) -> None:
        result = await one(writes, Task((HOST,), "ansible.builtin.ping", {}))
        assert result.status == "unreachable"
        assert says(result.result["msg"], "Host key verification failed")

    run(with_writes(inventory(sshd, ansible_ssh_common_args=known), body))
    assert (tmp_path / "known_hosts").read_text() == ""


def test_one_write_a_host_and_a_bounded_queue(managed: Managed, sshd: Sshd) -> None:
    """A second write on a host waits for the first; one too many is told when to come back."""
    told: list[tuple[str, float]] = []

    async def progress(words: str, seconds: float) -> None:
        told.append((words, seconds))

    async def body(writes: Writes) -> None:
        with held(managed):
            first = await stuck(writes, sshd, domain(managed, "a.test", lock_timeout=60))
            second = asyncio.create_task(writes.run(domain(managed, "b.test"), progress))
            third = asyncio.create_task(one(writes, domain(managed, "c.test")))
            await until(lambda: told, "progress is reported")
            with pytest.raises(Busy, match="2 writes are waiting already") as refused:
                await one(writes, domain(managed, "d.test"))
            assert refused.value.retry_after >= 1
            third.cancel()
        assert (await first).status == "changed"
        assert (await second)[0].status == "changed"
        assert set(managed.runtime_map()) == {"a.test", "b.test"}
        assert "haproxy_domain on lb waits for another write on lb" in told[0][0]
        assert [seconds for _words, seconds in told] == sorted(seconds for _words, seconds in told)

    run(with_writes(inventory(sshd), body, workers=2, waiting=1))


def test_a_host_that_the_inventory_does_not_have(sshd: Sshd) -> None:
    """Ansible's words are in the error, and nobody waits."""

    async def body(writes: Writes) -> None:
        with pytest.raises(TaskFailed, match="Could not match supplied host pattern.*nowhere"):
            await writes.run(Task(("nowhere",), "ansible.builtin.ping", {}))

    run(with_writes(inventory(sshd), body))


def test_an_inventory_on_disk_and_no_interpreter(
    managed: Managed, sshd: Sshd, tmp_path: Path
) -> None:
    """Files beside the inventory count; a host without an interpreter is not searched for one."""
    variables = dict(sshd.inventory_vars())
    del variables["ansible_python_interpreter"]
    (tmp_path / "hosts.ini").write_text(f"[lbs]\n{HOST}\n")
    (tmp_path / "group_vars").mkdir()
    lines = "".join(f"{key}: {value!r}\n" for key, value in variables.items())
    (tmp_path / "group_vars/lbs.yml").write_text(lines)

    async def body(writes: Writes) -> None:
        result = await one(writes, domain(managed, "a.test"))
        assert (result.status, result.result["warnings"]) == ("changed", [])

    run(with_writes(tmp_path / "hosts.ini", body))
