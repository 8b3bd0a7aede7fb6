# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of every Ansible process of a write: made here, not what the server has."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .folder import CONNECTIONS

HERE = Path(__file__).parent
COLLECTIONS = HERE.parents[4]
SHIM = HERE / "shim"
KEPT = ("HOME", "LOGNAME", "SSH_AUTH_SOCK", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR")
ELSEWHERE = "~/.ansible/collections:/usr/share/ansible/collections"
# Of one option given twice, ssh takes the first.
STRICT = "-o StrictHostKeyChecking=yes"
USUAL_SSH_ARGS = (
    "-o ControlMaster=auto -o ControlPersist=600s"
    " -o ServerAliveInterval=15 -o ServerAliveCountMax=3"
)


def environment(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What all Ansible processes of a server get; `given` wins over all but what safety needs."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    programs = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    usual = {
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
    }
    paths = f"{COLLECTIONS}:{given.get('ANSIBLE_COLLECTIONS_PATH', ELSEWHERE)}"
    return {
        "PATH": programs,
        **kept,
        **usual,
        **given,
        **_fixed(folder),
        "ANSIBLE_COLLECTIONS_PATH": paths,
        "ANSIBLE_SSH_ARGS": f"{STRICT} {given.get('ANSIBLE_SSH_ARGS', USUAL_SSH_ARGS)}",
    }


def _fixed(folder: Path) -> dict[str, str]:
    return {
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
        "ANSIBLE_CACHE_PLUGIN": "memory",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "False",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_PARAMIKO_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_CONTROL_PATH": "%(directory)s/%%C",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / CONNECTIONS),
        "ANSIBLE_SSH_HOST_KEY_CHECKING": "True",
    }


def for_jobs(folder: Path, common: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker and of its jobs, which finds the shim before ansible-playbook."""
    return {
        **common,
        "PATH": f"{SHIM}:{common['PATH']}",
        "HAPROXY_WRITES_PYTHON": sys.executable,
        "HAPROXY_WRITES_SOCKET": str(folder / "forks"),
    }


def for_fork_server(common: Mapping[str, str]) -> dict[str, str]:
    """The environment of the fork server, which reads Ansible's settings once, for all jobs.

    These are the ones that ansible-runner gives to each.
    """
    from ansible_runner.utils import get_callback_dir  # here, for importing it takes 150 ms

    return {
        **common,
        "ANSIBLE_CALLBACK_PLUGINS": get_callback_dir(),
        "ANSIBLE_STDOUT_CALLBACK": "awx_display",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
    }
