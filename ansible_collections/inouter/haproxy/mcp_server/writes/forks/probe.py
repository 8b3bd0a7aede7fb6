# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fork server does before its first job: one job of its own, and packing what writes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from . import job

PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - haproxy_write: {module: ansible.builtin.ping, arguments: {}, timeout: 30, results: %s}
"""
COLLECTION = Path(__file__).parents[3]
NICENESS = 15


def works(packed: Path) -> bool:
    """Whether a job succeeds: this Ansible may be another than the fork server was made for."""
    with tempfile.TemporaryDirectory(dir=packed.parent) as folder:
        playbook = Path(folder) / "playbook.yml"
        playbook.write_text(PLAYBOOK % folder)
        argv = ["ansible-playbook", "-c", "local", "-i", "localhost,", str(playbook)]
        environment = {**os.environ, "AWX_ISOLATED_DATA_DIR": folder}
        files = [os.open(os.devnull, os.O_RDWR) for _number in range(3)]
        request = job.Request(argv, environment, folder, (files[0], files[1], files[2]))
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            job.run(request, parent, packed)
        for number in files:
            os.close(number)
        return os.waitpid(pid, 0)[1] == 0


def pack_modules(packed: Path) -> int:
    """Pack each module that writes in a child, and return its process id."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        job.die_with_parent()
        if os.getppid() == parent:
            os.nice(NICENESS)
            _pack(packed)
        os._exit(0)
    return pid


def writing_modules() -> list[Path]:
    """The collection's modules without those that only read: reads need no playbook."""
    found = sorted((COLLECTION / "plugins/modules").glob("haproxy_*.py"))
    return [path for path in found if not path.stem.endswith("_info")]


def _pack(packed: Path) -> None:
    from ansible import constants
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    constants.set_constant("DEFAULT_LOCAL_TMP", str(packed.parent))
    for path in writing_modules():
        modify_module(
            module_name=f"inouter.haproxy.{path.stem}",
            module_path=str(path),
            module_args={},
            templar=Templar(loader=DataLoader()),
            task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
            module_compression=constants.DEFAULT_MODULE_COMPRESSION,
        )
