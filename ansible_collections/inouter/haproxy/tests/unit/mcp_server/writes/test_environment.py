# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible's processes get to see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.environment import (
    COLLECTIONS,
    environment,
    for_jobs,
)

FOLDER = Path("/private")


def test_nothing_of_the_servers_own_but_what_ssh_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_TOKENS", "secret")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")
    found = environment(FOLDER, {})
    assert "secret" not in str(found) and found["SSH_AUTH_SOCK"] == "/agent"


def test_what_is_given_wins_but_not_over_what_is_safe() -> None:
    given = {
        "ANSIBLE_SSH_ARGS": "-o ProxyJump=bastion",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_PARAMIKO_HOST_KEY_CHECKING": "False",
        "ANSIBLE_SSH_HOST_KEY_CHECKING": "False",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "True",
    }
    found = environment(FOLDER, given)
    strict = "-o StrictHostKeyChecking=yes"
    assert found["ANSIBLE_SSH_ARGS"] == f"{strict} -o ProxyJump=bastion"
    assert environment(FOLDER, {})["ANSIBLE_SSH_ARGS"].startswith(f"{strict} -o ControlMaster=")
    assert {found[name] for name in given if name.endswith("HOST_KEY_CHECKING")} == {"True"}
    assert found["ANSIBLE_DISPLAY_ARGS_TO_STDOUT"] == "False"


def test_this_collection_is_found_first() -> None:
    own = COLLECTIONS / "ansible_collections/inouter/haproxy/galaxy.yml"
    assert own.is_file()
    found = environment(FOLDER, {"ANSIBLE_COLLECTIONS_PATH": "/more"})
    assert found["ANSIBLE_COLLECTIONS_PATH"] == f"{COLLECTIONS}:/more"


def test_jobs_find_the_shim_before_the_real_program() -> None:
    first, second, *_rest = for_jobs(FOLDER, environment(FOLDER, {}))["PATH"].split(":")
    assert os.access(Path(first, "ansible-playbook"), os.X_OK) and second == str(
        Path(sys.executable).parent
    )
