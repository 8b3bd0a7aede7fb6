# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_program: documentation alone, for an action plugin does the work."""

from __future__ import annotations

import yaml

from ansible_collections.inouter.haproxy.plugins.modules import haproxy_program
from ansible_collections.inouter.haproxy.tests.unit.support.modules import ACTIONS, documentation


def test_its_documentation_is_of_the_action_plugin() -> None:
    assert {"haproxy_change", "haproxy_program"} == ACTIONS
    assert set(documentation("haproxy_program")["options"]) == {
        "base_dir",
        "runtime_api",
        "lock_timeout",
        "plan_id",
        "expected_generation",
    }
    assert set(yaml.safe_load(haproxy_program.RETURN)) == {"path"}
