# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook of one task, in which nothing that a caller sent is ever a template."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import yaml

from .task import Task, TaskFailed

NAME = re.compile(r"[\w.-]+", re.ASCII)


class Literal(str):
    """A text that Ansible must take as it is."""


class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes literals with the tag that Ansible never templates."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write each value out."""
        return True


def _represent(dumper: yaml.SafeDumper, text: Literal) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


Dumper.add_representer(Literal, _represent)


def literal(value: Any) -> Any:
    """The value with each text in it made literal, keys of mappings included."""
    if isinstance(value, str):
        return Literal(value)
    if isinstance(value, dict):
        return {literal(key): literal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [literal(item) for item in value]
    return value


def playbook(task: Task, results: Path) -> str:
    """The playbook's text. Each host's result is written into the folder `results`."""
    write = {
        "module": literal(task.module),
        "arguments": literal(task.arguments),
        "timeout": task.timeout,
        "results": literal(str(results)),
    }
    play = {
        "hosts": [literal(_one_name(host)) for host in task.hosts],
        "gather_facts": False,
        "tasks": [
            {
                "name": "Write",
                "haproxy_write": write,
                "check_mode": task.check,
                "diff": True,
                "no_log": task.secret,
            }
        ],
    }
    return yaml.dump([play], Dumper=Dumper, allow_unicode=True, sort_keys=False)


def _one_name(host: str) -> str:
    """Refuse what Ansible would take for a pattern. Raises TaskFailed."""
    if NAME.fullmatch(host) or _is_address(host):
        return host
    raise TaskFailed(
        f"{host!r} is no name of a host: letters, digits, '_', '.' and '-' are allowed, or an IP"
        " address. Nothing was done."
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
