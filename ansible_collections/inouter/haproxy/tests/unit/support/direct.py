# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Runtime API of a simulated HAProxy, with no socket between."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import NotRunning
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import RuntimeApi
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import split_replies

from .simulated import Simulated


class DirectApi(RuntimeApi):
    """Asks a simulated HAProxy."""

    def __init__(self, simulated: Simulated) -> None:
        super().__init__("/simulated")
        self.simulated = simulated

    def _batch(self, batch: Sequence[Command]) -> list[str]:
        if not self.simulated.running:
            raise NotRunning("No HAProxy listens at /simulated.")
        line = ";".join(command.text for command in batch)
        return split_replies(self.simulated(line).decode())
