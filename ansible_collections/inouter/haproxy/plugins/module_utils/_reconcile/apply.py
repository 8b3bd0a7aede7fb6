# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing differences until none is left."""

from __future__ import annotations

from collections.abc import Callable

from .._files import atomic
from .._model.errors import NotConverged
from .._runtime.api import RuntimeApi
from .compare import RUNTIME, Difference, compare
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
        from . import (
            certificate_steps,  # here, for most writes have nothing to do with certificates
        )

        certificate_steps.load(api, places, wanted.certificates, observed, differences)
    if observed.runtime is not None:
        api.do(runtime_commands(differences, observed.runtime, places))
    for path, content in file_contents(differences, wanted, observed.files, places):
        atomic.replace(path, content)
    if wanted.certificates is not None:
        certificate_steps.store_files(places, wanted, observed, differences)
        certificate_steps.unload(api, places, observed, differences)


def _still_different(differences: list[Difference]) -> str:
    shown = ", ".join(
        f"{d.name} ({'HAProxy' if d.side == RUNTIME else 'file'})" for d in differences[:5]
    )
    more = f" and {len(differences) - 5} more" if len(differences) > 5 else ""
    return (
        f"After {ROUNDS} rounds these still differ from the database: {shown}{more}."
        " Something else may be changing them at the same time."
    )
