# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_health_info."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_health_info"


@pytest.mark.parametrize("check", [False, True])
def test_a_system_with_no_haproxy_is_down(run: Run, instance: Instance, check: bool) -> None:
    before = everything(instance)
    result = run(NAME, check)
    assert (result["status"], result["changed"]) == ("down", False)
    assert result["components"]["haproxy"]["status"] == "stopped"
    assert result["components"]["database"]["status"] == "ok"
    assert everything(instance) == before


def test_a_system_that_is_well(run: Run, instance: Instance, simulated: Simulated) -> None:
    Path(instance.paths.config).write_text("global\n")
    assert run(NAME)["status"] == "healthy"


def container(run: Run) -> dict[str, Any]:
    run("haproxy_instance", haproxy_container="edge")
    found: dict[str, Any] = run(NAME)["components"]["container"]
    return found


@pytest.mark.parametrize(
    ("script", "status", "state"),
    [
        ("echo running", "ok", "running"),
        ("echo exited", "error", "exited"),
        ("echo 'no such container' >&2; exit 125", "error", "no such container"),
    ],
)
def test_the_container(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, status: str, state: str
) -> None:
    (tmp_path / "podman").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert container(run) == {"status": status, "name": "edge", "state": state}


def test_a_container_where_podman_is_not_installed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert container(run)["status"] == "error"


def test_a_domain(run: Run, simulated: Simulated) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    result = run(NAME, domain="A.test")
    assert (result["domain"], result["pool"], result["status"]) == ("a.test", "pool_1", "healthy")
    assert (result["healthy_count"], result["total_count"]) == (1, 1)


def test_errors(run: Run) -> None:
    result = run(NAME, domain="no.test")
    assert result["failed"]
    assert result["msg"].startswith("domain: 'no.test' is not a domain of this instance")
