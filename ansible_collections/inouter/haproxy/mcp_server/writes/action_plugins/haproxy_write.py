# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one action of a write's playbook: runs a module that ends when nobody waits for it."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible.plugins.action import ActionBase

SUPERVISE = Path(__file__).parents[1] / "host/supervise.py"


class ActionModule(ActionBase):
    """Runs `module` with `arguments` for at most `timeout` seconds.

    The result also goes to a file in `results`, as Ansible's events hold none of a secret task.
    """

    _VALID_ARGS = frozenset(("module", "arguments", "timeout", "results"))
    _supports_check_mode = True
    _supports_async = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run the module on the host."""
        super().run(tmp, task_vars)
        host = (task_vars or {})["inventory_hostname"]
        try:
            result = self._run_module(task_vars)
        except Exception as error:
            self._hand_out(host, {"msg": str(error)})
            raise
        self._hand_out(host, result)
        return result

    def _run_module(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        options = self._task.args
        result: dict[str, Any] = self._execute_module(
            module_name=options["module"], module_args=options["arguments"], task_vars=task_vars
        )
        self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _hand_out(self, host: str, result: dict[str, Any]) -> None:
        path = Path(self._task.args["results"]) / quote(host, safe="")
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(result, file, default=str)

    def _low_level_execute_command(self, cmd: str, *args: Any, **kwargs: Any) -> Any:
        """Let a module that comes on the standard input run below the supervisor."""
        if kwargs.get("in_data"):
            seconds = float(self._task.args["timeout"])
            cmd = f"{cmd} -c {shlex.quote(SUPERVISE.read_text())} {seconds}"
        return super()._low_level_execute_command(cmd, *args, **kwargs)
