# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the system, or one domain, is well."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.health import (
    domain_health,
    system_health,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated

SERVERS: list[dict[str, Any]] = [{"ip": "10.0.0.1"}, {"ip": "2001:db8::1", "http_port": 8080}]


def no_program(arguments: Sequence[str]) -> tuple[int, str, str]:
    raise AssertionError(f"nothing is to be run: {arguments}")


@pytest.fixture
def config(instance: Instance) -> Path:
    path = Path(instance.paths.config)
    path.write_text("global\n")
    return path


def test_a_system_that_is_well(instance: Instance, simulated: Simulated, config: Path) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    files = dict.fromkeys(("haproxy_cfg", "domains_map", "wildcards_map", "pools"), "ok")
    assert system_health(instance, no_program) == {
        "status": "healthy",
        "components": {
            "haproxy": {"status": "ok", "version": "3.2.26-1", "uptime_sec": 60},
            "config_files": {"status": "ok", "files": files},
            "database": {
                "status": "ok",
                "check": "ok",
                "domains": 1,
                "pools_used": 1,
                "generation": 2,
                "cut_off_writes": [],
            },
            "container": {"status": "unused"},
        },
    }


def component(instance: Instance, name: str) -> tuple[str, dict[str, Any]]:
    found = system_health(instance, no_program)
    return found["status"], found["components"][name]


def test_haproxy_does_not_run(instance: Instance, config: Path) -> None:
    status, haproxy = component(instance, "haproxy")
    assert (status, haproxy["status"]) == ("down", "stopped")
    assert "No HAProxy listens at" in haproxy["message"]


def test_haproxy_is_too_old(instance: Instance, simulated: Simulated, config: Path) -> None:
    simulated.version = "2.6.12"
    status, haproxy = component(instance, "haproxy")
    assert (status, haproxy["status"]) == ("down", "error")
    assert "is too old" in haproxy["message"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("haproxy.cfg", "haproxy_cfg"),
        ("domains.map", "domains_map"),
        ("wildcards.map", "wildcards_map"),
    ],
)
def test_a_file_is_missing(
    instance: Instance, simulated: Simulated, config: Path, name: str, key: str
) -> None:
    (config.parent / name).unlink()
    status, found = component(instance, "config_files")
    assert (status, found["status"], found["files"][key]) == ("degraded", "error", "missing")
    assert found["files"]["pools"] == "ok"


def test_pool_files_are_missing(instance: Instance, simulated: Simulated, config: Path) -> None:
    for pool in (2, 4):
        Path(f"{instance.paths.pools}/pool_{pool}.cfg").unlink()
    status, found = component(instance, "config_files")
    assert (status, found["files"]["pools"]) == ("degraded", "2 of 4 missing")


def test_a_write_was_cut_off_or_is_under_way(
    instance: Instance, simulated: Simulated, config: Path
) -> None:
    connection = sqlite3.connect(instance.paths.database)
    with closing(connection), connection:
        connection.execute("INSERT INTO history VALUES (9, 'x', 'x', 'x', '[]', 'pending', '', '')")
    status, found = component(instance, "database")
    assert (status, found["status"], found["cut_off_writes"]) == ("degraded", "error", [9])
    with instance.lock("a write that is under way"):
        status, found = component(instance, "database")
    assert (status, found["status"], found["cut_off_writes"]) == ("healthy", "ok", [])


@pytest.mark.parametrize("content", [None, b"", b"This is no database. " * 100])
def test_the_database_is_unusable(
    instance: Instance, simulated: Simulated, config: Path, content: bytes | None
) -> None:
    path = Path(instance.paths.database)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    status, found = component(instance, "database")
    assert (status, found["status"]) == ("degraded", "error")
    assert str(path) in found["message"]


@pytest.mark.parametrize(
    ("answer", "status", "state"),
    [
        ((0, "running\n", ""), "ok", "running"),
        ((0, "exited\n", ""), "error", "exited"),
        ((125, "", "no such container\n"), "error", "no such container"),
    ],
)
def test_the_container(
    instance: Instance, answer: tuple[int, str, str], status: str, state: str
) -> None:
    set_up(instance, {"haproxy_container": "edge"}, check_mode=False)
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> tuple[int, str, str]:
        asked.append(arguments)
        return answer

    found = system_health(instance, run)["components"]["container"]
    assert found == {"status": status, "name": "edge", "state": state}
    assert asked == [["podman", "container", "inspect", "-f", "{{.State.Status}}", "edge"]]


@pytest.mark.parametrize(
    ("running", "status", "healthy"),
    [((True, True), "healthy", 2), ((True, False), "degraded", 1), ((False, False), "down", 0)],
)
def test_servers_of_a_domain(
    instance: Instance, simulated: Simulated, running: tuple[bool, bool], status: str, healthy: int
) -> None:
    write(instance, "test", DomainRequest("a.test", servers=SERVERS))
    for slot, up in enumerate(running, start=1):
        simulated.slots[1, slot] = replace(simulated.slots[1, slot], running=up)
    found = domain_health(instance, "A.Test")
    assert (found["domain"], found["pool"], found["status"]) == ("a.test", "pool_1", status)
    assert (found["healthy_count"], found["total_count"]) == (healthy, 2)
    assert found["servers"][1] == {
        "name": "pool_1_2",
        "addr": "[2001:db8::1]:8080",
        "status": "UP" if running[1] else "DOWN",
        "check_status": "L4OK",
        "healthy": running[1],
    }


@pytest.mark.parametrize("state", ["drain", "maint"])
def test_a_server_that_takes_no_requests_is_not_healthy(
    instance: Instance, simulated: Simulated, state: str
) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    write(instance, "test", ServerRequest("a.test", state))
    assert domain_health(instance, "a.test")["status"] == "down"


@pytest.mark.parametrize(
    ("status", "healthy"),
    [("UP", True), ("UP 1/3", True), ("no check", True), ("DOWN 1/2", False), ("NOLB", False)],
)
def test_what_counts_as_healthy(
    instance: Instance, simulated: Simulated, status: str, healthy: bool
) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    reply = f"# pxname,svname,status,\npool_1,pool_1_1,{status},\n\n"
    simulated.refuse = lambda command: reply if command.startswith("show stat") else None
    assert domain_health(instance, "a.test")["servers"][0]["healthy"] is healthy


def test_a_domain_where_haproxy_does_not_run(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    found = domain_health(instance, "a.test")
    assert (found["status"], found["healthy_count"], found["total_count"]) == ("down", 0, 1)
    assert found["servers"][0]["addr"] == "10.0.0.1:80"


def test_a_domain_with_no_servers(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    write(instance, "test", ServerRequest("a.test", "absent", slot=1))
    assert domain_health(instance, "a.test")["status"] == "no_servers"


def test_a_domain_that_is_not_there(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^domain: 'no.test' is not a domain of this instance"):
        domain_health(instance, "no.test")
