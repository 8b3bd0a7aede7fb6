# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all unit tests share: how hypothesis searches, and an instance with no HAProxy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import succession
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer

POOLS, SLOTS = 4, 3
# A simulated HAProxy has no requests under way that would have to be waited for.
succession.SETTLE_SECONDS = 0.0

# The same code gives the same verdict each time; HYPOTHESIS_PROFILE=search looks further.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "search",
    deadline=None,
    database=None,
    print_blob=True,
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """Give an instance with 4 pools of 3 slots, set up, whose HAProxy does not run."""
    made = Instance(str(tmp_path), lock_timeout=0)
    set_up(made, {"pool_count": POOLS, "pool_slots": SLOTS}, check_mode=False)
    return made


@pytest.fixture
def simulated(instance: Instance) -> Iterator[Simulated]:
    """Let a simulated HAProxy listen at the instance's own socket, with all slots free."""
    played = Simulated(instance.paths.conf, POOLS, SLOTS)
    with LineServer(instance.paths.admin_socket, played):
        yield played
