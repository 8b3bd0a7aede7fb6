# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks HAProxy hosts what they serve, side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Union

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from .remote_core import RemoteCore, Variables

DEFAULT_BASE_DIR = "/opt/haproxy"
Answer = Union[dict[str, Any], AnsibleError]
"""What `_operations/reads/served.py` returns, or why there is none."""


def read_served(hosts: Mapping[str, Variables], loader: DataLoader) -> dict[str, Answer]:
    """The answer of each host, which is reached with these variables."""
    with ThreadPoolExecutor(C.DEFAULT_FORKS) as threads:
        asked = {
            name: threads.submit(_read, *prepared)
            for name, prepared in {n: _prepared(v, loader) for n, v in hosts.items()}.items()
        }
        return {name: answer.result() for name, answer in asked.items()}


def _prepared(variables: Variables, loader: DataLoader) -> tuple[RemoteCore | AnsibleError, str]:
    """The connection and the folder; templates are not filled in by several threads at once."""
    try:
        core = RemoteCore(variables, Templar(loader=loader))
        return core, str(core.variable("haproxy_base_dir", DEFAULT_BASE_DIR))
    except AnsibleError as error:
        return error, ""


def _read(core: RemoteCore | AnsibleError, base_dir: str) -> Answer:
    if isinstance(core, AnsibleError):
        return core
    try:
        found: dict[str, Any] = json.loads(core.run("--base-dir", base_dir, "list"))
    except AnsibleError as error:
        return error
    except ValueError:
        return AnsibleError("The host answered with something else than what it was asked for.")
    return found
