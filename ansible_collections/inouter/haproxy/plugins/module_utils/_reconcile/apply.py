# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing differences until none is left, and going back where HAProxy refuses."""

from __future__ import annotations

from collections.abc import Callable

from .._files import atomic
from .._files.atomic import NEW_FILE_MODE, PEM_MODE
from .._model.errors import NotConverged
from .._runtime.api import RuntimeApi
from .compare import RUNTIME, Difference, compare, compare_runtime
from .observe import Places
from .picture import Observed, Wanted
from .steps import file_contents, runtime_commands

# A restart by somebody else between two steps costs one more round; more means a fight.
ROUNDS = 4


def apply(
    api: RuntimeApi,
    places: Places,
    wanted: Wanted,
    observed: Observed,
    differences: list[Difference],
    look: Callable[[], Observed],
) -> Observed:
    """Remove these differences, runtime before files, and whatever differs after that.

    Returns what is then.

    Raises Refused with HAProxy's words, OSError for a file, NotConverged where the result
    read back still differs.
    """
    for _round in range(ROUNDS):
        if not differences:
            return observed
        _one_round(api, places, wanted, observed, differences)
        observed = look()
        differences = compare(wanted, observed, places)
    if differences:
        raise NotConverged(_still_different(differences))
    return observed


def _one_round(
    api: RuntimeApi,
    places: Places,
    wanted: Wanted,
    observed: Observed,
    differences: list[Difference],
) -> None:
    """Certificates before the names that need them, and away after those."""
    if wanted.certificates is not None:
        from . import certificates  # here, for most writes have nothing to do with certificates

        certificates.load(api, places, wanted.certificates, observed, differences)
    if observed.runtime is not None:
        api.do(runtime_commands(differences, observed.runtime, places))
    for path, content in file_contents(differences, wanted, observed.files, places):
        atomic.replace(path, content)
    if wanted.certificates is not None:
        certificates.store_files(places, wanted, observed, differences)
        certificates.unload(api, places, observed, differences)


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
        slots = {key: slot.server for key, slot in before.runtime.slots.items()}
        differences = compare_runtime(before.runtime.routes, slots, after.runtime)
        api.do(runtime_commands(differences, after.runtime, places))
    if before.runtime is not None and before.runtime.certificates is not None:
        from . import certificates  # here, for most writes have nothing to do with certificates

        certificates.undo(api, places, before, after)


def _turn(path: str, content: bytes | None) -> int:
    if not path.endswith(".pem"):
        return 1
    return 2 if content is None else 0


def _restore(path: str, content: bytes | None) -> None:
    if content is None:
        atomic.remove(path)
    else:
        atomic.replace(path, content, PEM_MODE if path.endswith(".pem") else NEW_FILE_MODE)


def _still_different(differences: list[Difference]) -> str:
    shown = ", ".join(
        f"{d.name} ({'HAProxy' if d.side == RUNTIME else 'file'})" for d in differences[:5]
    )
    more = f" and {len(differences) - 5} more" if len(differences) > 5 else ""
    return (
        f"After {ROUNDS} rounds these still differ from the database: {shown}{more}."
        " Something else may be changing them at the same time."
    )
