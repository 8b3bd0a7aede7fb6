# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run in this process, against an instance whose HAProxy does not run."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.modules import Result, run_module


class Run(Protocol):
    """Runs a module with these options."""

    def __call__(self, name: str, /, check: bool = False, **options: Any) -> Result:
        """Return the module's result, which may be a failure."""


@pytest.fixture
def run(instance: Instance) -> Run:
    """Give the way to run a module against the instance."""

    def call(name: str, /, check: bool = False, **options: Any) -> Result:
        wait = {} if name.endswith("_info") else {"lock_timeout": 0}
        return run_module(name, {"base_dir": instance.paths.base, **wait, **options}, check)

    return call
