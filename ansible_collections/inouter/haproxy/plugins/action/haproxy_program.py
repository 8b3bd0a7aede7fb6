# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the core on the host; the module of this name has the documentation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.inouter.haproxy.plugins.plugin_utils.core_archive import core_archive

PROGRAM = "lib/inouter-haproxy.pyz"


class ActionModule(ActionBase):
    """Hands the file to ansible.builtin.copy, which knows check mode, diff and modes."""

    TRANSFERS_FILES = True
    _VALID_ARGS = frozenset(
        ("base_dir", "runtime_api", "lock_timeout", "plan_id", "expected_generation")
    )

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Copy the archive where it differs."""
        super().run(tmp, task_vars)
        spec: dict[str, Any] = {name: {"type": "raw"} for name in self._VALID_ARGS}
        spec["base_dir"] = {"type": "path", "default": "/opt/haproxy"}
        _checked, options = self.validate_argument_spec(argument_spec=spec)
        path = f"{options['base_dir']}/{PROGRAM}"
        folder = self._folder(str(Path(path).parent), task_vars)
        if folder.get("failed") or (folder["changed"] and self._task.check_mode):
            return {**folder, "path": path}
        with tempfile.TemporaryDirectory() as here:
            archive = Path(here, "archive")
            archive.write_bytes(core_archive())
            result = self._copy({"src": str(archive), "dest": path, "mode": "0644"}, task_vars)
        return {**result, "path": path}

    def _folder(self, path: str, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        arguments = {"path": path, "state": "directory", "mode": "0755"}
        result: dict[str, Any] = self._execute_module(
            "ansible.legacy.file", arguments, task_vars=task_vars
        )
        return result

    def _copy(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        task = self._task.copy()
        task.args = arguments
        # It is a zip file, which nobody wants to see line by line.
        task.diff = False
        copy = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.copy",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        result: dict[str, Any] = copy.run(task_vars=task_vars)
        return result
