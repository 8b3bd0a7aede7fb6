# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_config, with programs in the place of HAProxy that say yes or no."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_config"


@pytest.fixture
def program(run: Run, instance: Instance, tmp_path: Path) -> Path:
    """Give the program that checks the configuration, which says yes."""
    path = tmp_path / "check"
    path.write_text('#!/bin/sh\n[ "$1" = -c ] && echo "valid: $5"\n')
    path.chmod(0o755)
    run("haproxy_instance", haproxy_binary=str(path))
    return path


@pytest.mark.parametrize("check", [False, True])
def test_a_valid_configuration(run: Run, instance: Instance, program: Path, check: bool) -> None:
    before = everything(instance)
    result = run(NAME, check)
    assert (result["changed"], result["output"]) == (False, f"valid: {instance.paths.pools}")
    assert everything(instance) == before


@pytest.mark.parametrize("state", ["checked", "reloaded"])
def test_a_bad_configuration(run: Run, program: Path, state: str) -> None:
    program.write_text("#!/bin/sh\necho '[ALERT] no' >&2; exit 1\n")
    result = run(NAME, state=state)
    assert result["failed"]
    assert result["msg"] == "HAProxy does not accept its configuration: [ALERT] no"


def test_a_program_that_is_not_there(run: Run, program: Path) -> None:
    program.unlink()
    result = run(NAME)
    assert result["failed"] and str(program) in result["msg"]


def test_a_reload(run: Run, instance: Instance, program: Path, simulated: Simulated) -> None:
    info = "Name: HAProxy\nVersion: 3.2.26-1\nPid: 4800\n\n"

    def master(line: str) -> bytes:
        if line.startswith("show proc"):
            return b"# workers\n4800 worker 0\n\n"
        simulated.refuse = lambda command: info if command == "show info" else None
        return b"Success=1\n--\n\n"

    with LineServer(instance.paths.master_socket, master):
        result = run(NAME, state="reloaded")
    assert (result["changed"], result["verified"], result["output"]) == (True, True, "")
    assert (result["worker_before"], result["worker"]) == (4711, 4800)


def test_check_mode_of_a_reload(run: Run, instance: Instance, program: Path) -> None:
    before = everything(instance)
    assert run(NAME, check=True, state="reloaded")["changed"]
    assert everything(instance) == before


def test_errors(run: Run, program: Path) -> None:
    assert run(NAME, state="restarted")["failed"]
    result = run(NAME, state="reloaded")
    assert result["failed"] and result["msg"].startswith("No HAProxy listens at")
    assert "There is no database" in run(NAME, base_dir="/nowhere")["msg"]
