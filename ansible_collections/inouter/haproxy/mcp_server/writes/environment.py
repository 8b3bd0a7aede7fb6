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
SSH_OPTIONS = (
    "ControlMaster=auto",
    "ControlPersist=600s",
    "StrictHostKeyChecking=yes",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
)


def environment(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What all Ansible processes of a server get; `given` wins over all but what safety needs."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    programs = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    usual = {
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_SSH_ARGS": " ".join(f"-o {option}" for option in SSH_OPTIONS),
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
    }


def _fixed(folder: Path) -> dict[str, str]:
    return {
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
        "ANSIBLE_CACHE_PLUGIN": "memory",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "False",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_CONTROL_PATH": "%(directory)s/%%C",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / CONNECTIONS),
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
