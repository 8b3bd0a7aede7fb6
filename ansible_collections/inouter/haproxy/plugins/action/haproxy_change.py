# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a change that is given as data; the module of this name has the documentation."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

MODULES = ("haproxy_cert", "haproxy_domain", "haproxy_domains", "haproxy_server")
_SHARED = {
    "base_dir": "path",
    "runtime_api": "str",
    "lock_timeout": "int",
    "plan_id": "str",
    "expected_generation": "int",
}


class ActionModule(ActionBase):
    """Runs the module that the change names."""

    _VALID_ARGS = frozenset(("module", "options", *_SHARED))

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of the module."""
        super().run(tmp, task_vars)
        spec: dict[str, Any] = {name: {"type": kind} for name, kind in _SHARED.items()}
        spec["module"] = {"type": "str", "required": True, "choices": list(MODULES)}
        spec["options"] = {"type": "dict", "required": True}
        _checked, given = self.validate_argument_spec(argument_spec=spec)
        # The values as they were given, for the module itself is to judge them.
        shared = {name: self._task.args[name] for name in _SHARED if given[name] is not None}
        result: dict[str, Any] = self._execute_module(
            f"inouter.haproxy.{given['module']}",
            {**shared, **given["options"]},
            task_vars=task_vars,
        )
        return result
