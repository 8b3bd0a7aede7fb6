# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is and was served, as digests that are the same on each host that serves the same.

How an instance is laid out differs from host to host, so the settings are taken out of them.
"""

from __future__ import annotations

from typing import Any

from . import digest, past
from .digest import Key
from .store import Store

_LAYOUT = ("setting", "pool_count")


def lineage(store: Store) -> list[str]:
    """Digests of what is served and of what was served before, newest first.

    It reaches back as far as the truth can be taken back.
    """
    layout = _layout(store)
    found: list[str] = []
    for known, befores in past.going_back(store.connection):
        served = digest.moved(known, {key: (value, None) for key, value in layout.items()})
        if found[-1:] != [served]:
            found.append(served)
        layout.update({key: value for key, value in befores.items() if key[0] in _LAYOUT})
    return found


def _layout(store: Store) -> dict[Key, Any]:
    rows: dict[Key, Any] = {("setting", name): value for name, value in store.settings().items()}
    return {**rows, ("pool_count", ""): store.pool_count()}
