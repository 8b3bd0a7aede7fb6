# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing differences until none is left."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._files import atomic
from .._model.errors import NotConverged, Refused
from .._runtime.api import RuntimeApi
from .compare import RUNTIME, SLOT, Difference, compare
from .observe import Places
from .picture import Observed, Runtime, Wanted
from .steps import file_contents, runtime_steps

# A restart by somebody else between two steps costs one more round; more means a fight.
ROUNDS = 4
PAUSE_SECONDS = 0.1


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
    for number in range(ROUNDS):
        if not differences:
            return observed
        if number:
            # HAProxy 3.0 and newer change addresses a little after they said so.
            time.sleep(PAUSE_SECONDS * number)
        try:
            _one_round(api, places, wanted, observed, differences)
        except Refused as refused:
            if not refused.leaving or number + 1 == ROUNDS:
                raise
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
        from . import (
            certificate_steps,  # here, for most writes have nothing to do with certificates
        )

        certificate_steps.load(api, places, wanted.certificates, observed, differences)
    if observed.runtime is not None:
        _make_pools(api, places, wanted, observed.runtime, differences)
        api.carry_out(runtime_steps(differences, observed.runtime, places))
    contents = file_contents(differences, wanted, observed.files, places)
    atomic.replace_all([(path, content) for path, content in contents if content is not None])
    atomic.remove_all(path for path, content in contents if content is None)
    if wanted.certificates is not None:
        certificate_steps.store_files(places, wanted, observed, differences)
        certificate_steps.unload(api, places, observed, differences)


def _make_pools(
    api: RuntimeApi,
    places: Places,
    wanted: Wanted,
    runtime: Runtime,
    differences: list[Difference],
) -> None:
    slots = [d.key for d in differences if d.kind == SLOT]
    if all(key in runtime.slots and runtime.slots[key].checked for key in slots):
        return
    from .new_pools import make  # here, for most writes find their pools

    make(api, places, wanted, runtime, slots)


def _still_different(differences: list[Difference]) -> str:
    shown = ", ".join(
        f"{d.name} ({'HAProxy' if d.side == RUNTIME else 'file'})" for d in differences[:5]
    )
    more = f" and {len(differences) - 5} more" if len(differences) > 5 else ""
    return (
        f"After {ROUNDS} rounds these still differ from the database: {shown}{more}."
        " Something else may be changing them at the same time."
    )
