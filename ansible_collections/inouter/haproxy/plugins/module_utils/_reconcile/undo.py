# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to what was observed before, where HAProxy or the disk refuses."""

from __future__ import annotations

from collections.abc import Callable

from .._files import atomic
from .._files.atomic import NEW_FILE_MODE, PEM_MODE
from .._model.servers import FREE, Server
from .._runtime.api import RuntimeApi
from .compare import compare_runtime
from .observe import Places
from .picture import Observed, Runtime, SlotKey
from .steps import runtime_steps


def undo(
    api: RuntimeApi,
    places: Places,
    before: Observed,
    look: Callable[[], Observed],
) -> None:
    """Bring HAProxy and the files back to what was observed before."""
    after = look()
    # Certificates come back before the list that names them, and go after it.
    for path, content in sorted(before.files.items(), key=lambda item: _turn(*item)):
        if after.files.get(path) != content:
            _restore(path, content)
    for path in after.files.keys() - before.files.keys():
        if path.endswith(".pem"):
            atomic.remove(path)
    if before.runtime is not None and after.runtime is not None:
        # A pool that was made meanwhile stays, with nothing in it.
        slots = {**dict.fromkeys(after.runtime.slots, FREE), **_servers(before.runtime)}
        differences = compare_runtime(before.runtime.routes, slots, after.runtime)
        api.carry_out(runtime_steps(differences, after.runtime, places))
    if before.runtime is not None and before.runtime.certificates is not None:
        from . import (
            certificate_steps,  # here, for most writes have nothing to do with certificates
        )

        certificate_steps.undo(api, places, before, after)


def _servers(runtime: Runtime) -> dict[SlotKey, Server]:
    return {key: slot.server for key, slot in runtime.slots.items()}


def _turn(path: str, content: bytes | None) -> int:
    if not path.endswith(".pem"):
        return 1
    return 2 if content is None else 0


def _restore(path: str, content: bytes | None) -> None:
    if content is None:
        atomic.remove(path)
    else:
        atomic.replace(path, content, PEM_MODE if path.endswith(".pem") else NEW_FILE_MODE)
