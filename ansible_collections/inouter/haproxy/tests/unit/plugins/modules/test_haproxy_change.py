# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_change: documentation alone, for an action plugin does the work."""

from __future__ import annotations

import ast
from pathlib import Path

import yaml

from ansible_collections.inouter.haproxy.plugins.modules import haproxy_change
from ansible_collections.inouter.haproxy.tests.unit.support.modules import NAMES, documentation

# The action plugin is of the controller, whose parts must not be loaded beside modules.
ACTION = Path(str(haproxy_change.__file__)).parents[1] / "action/haproxy_change.py"


def test_its_documentation_is_of_the_action_plugin() -> None:
    options = documentation("haproxy_change")["options"]
    found = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(ACTION.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert set(options) == {"module", "options", *found["_SHARED"]}
    assert options["module"]["choices"] == list(found["MODULES"])
    assert set(found["MODULES"]) <= set(NAMES)
    assert set(yaml.safe_load(haproxy_change.RETURN)) == {"generation"}
