# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which differences are a write's own doing, and which were there before it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._files import pool_file
from .._model.certificate import file_name
from .._model.servers import FREE, pool_name
from .compare import CRT_LIST, POOL_FILE, ROUTE, SLOT, Difference, matches

Rows = Mapping[tuple[str, Any], tuple[Any, Any]]
"""What differs in the database, before and after, by kind and name."""


def only_edits(differences: Iterable[Difference], rows: Rows, slots: int) -> bool:
    """Whether HAProxy and the files held, before these edits, what the rows said then.

    :param slots: how many slots a pool had
    """
    certificates = {file_name(name) for kind, name in rows if kind == "certificate"}
    return all(_explained(d, rows, slots, certificates) for d in differences)


def _explained(d: Difference, rows: Rows, slots: int, certificates: set[str]) -> bool:
    if d.kind == ROUTE:
        before = rows.get(("domain", d.key), (d, d))[0]
        return before is not d and d.before == (before and pool_name(before.pool))
    if d.kind == SLOT:
        pool, slot = d.key
        held = rows.get(("pool", pool), (None, None))[0]
        return held is not None and matches(held.get(slot, FREE), d.before)
    if d.kind == POOL_FILE:
        held = rows.get(("pool", d.key), (None, None))[0]
        return held is not None and d.before == pool_file.render(d.key, held, slots)
    return d.key in certificates or (d.kind == CRT_LIST and bool(certificates))
