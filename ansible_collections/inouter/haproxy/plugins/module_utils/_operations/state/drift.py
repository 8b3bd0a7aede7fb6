# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three-way report: database, files and runtime, and which of them differs. Read only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..._instance.guard import require_newest, suspicious
from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.settle import views
from ..._reconcile.certificates import lost
from ..._reconcile.compare import FILES, RUNTIME, Difference, compare
from ..._reconcile.picture import EVERYTHING, Observed, Wanted
from ..._store import history
from ..._store.damage import require_sound
from ..reads.offsets import cursor_behind
from .drift_sides import sides

DATABASE = "database"


def drift(instance: Instance) -> dict[str, Any]:
    """What differs, in `differences`; `converged` where nothing does.

    Raises Damaged for a database that no report can be built on, Busy where a write goes on.
    """
    found = _look(instance)
    if found["converged"]:
        return found
    # A write that is under way differs too, so only what is seen while there is none is told.
    with instance.lock("drift report"):
        return _look(instance)


def _look(instance: Instance) -> dict[str, Any]:
    with instance.reading() as store, suspicious(store):
        require_newest(instance.paths.database, store)
        require_sound(store)
        settings = Settings.of_rows(store.settings())
        wanted = instance.wanted(store, settings, EVERYTHING)
        observed = instance.observe(settings, EVERYTHING)
        found = compare(wanted, observed, instance.places(settings))
        cut_off = history.pending(store.connection)
        generation = history.last_generation(store.connection)
    differences = [*_lost(wanted, observed, instance.paths.certs), *items(found, observed)]
    return {
        "converged": not (differences or cut_off),
        "generation": generation,
        "running": observed.runtime is not None,
        "cut_off_writes": cut_off,
        "differences": sorted(differences, key=lambda item: (item["kind"], item["name"])),
    }


def drift_page(instance: Instance, offset: int = 0, limit: int = 100) -> dict[str, Any]:
    """The same with a part of the differences, their `total`, and `next_cursor`."""
    found = drift(instance)
    differences = found["differences"]
    return {
        **found,
        "differences": differences[offset : offset + limit],
        "total": len(differences),
        "next_cursor": cursor_behind(offset, limit, len(differences)),
    }


def items(found: Sequence[Difference], observed: Observed) -> list[dict[str, Any]]:
    """One item for each thing that differs, with what each side says of it."""
    merged: dict[tuple[str, str], dict[str, str | None]] = {}
    for side in (side for difference in found for side in sides(difference)):
        item = merged.setdefault((side.kind, side.name), {DATABASE: side.database})
        item[side.side] = side.value
    running = observed.runtime is not None
    return [_item(kind, name, item, running) for (kind, name), item in merged.items()]


def _item(kind: str, name: str, item: dict[str, str | None], running: bool) -> dict[str, Any]:
    truth = item[DATABASE]
    values = {side: item.get(side, truth) for side in (FILES, RUNTIME)}
    if not running:
        values[RUNTIME] = None
    differs = [side for side in (FILES, RUNTIME) if item.get(side, truth) != truth]
    if len(differs) == 2 and values[FILES] == values[RUNTIME]:
        differs = [DATABASE]
    return {"kind": kind, "name": name, "differs": differs, DATABASE: truth, **values}


def _lost(wanted: Wanted, observed: Observed, certs: str) -> Iterator[dict[str, Any]]:
    """Certificates of which no intact file is left: only haproxy_cert can bring them back."""
    if wanted.certificates is None:
        return
    runtime = observed.runtime.certificates if observed.runtime else None
    held = runtime.sha1s if runtime else {}
    for view in views(lost(wanted.certificates, observed, certs)):
        sha1 = wanted.certificates.sha1s[view["name"]]
        yield {**view, DATABASE: sha1, RUNTIME: held.get(view["name"])}
