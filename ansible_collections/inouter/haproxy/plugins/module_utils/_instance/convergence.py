# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write that changes no row: HAProxy and the files come to agree with the database."""

from __future__ import annotations

from typing import Any

from .._reconcile.picture import EVERYTHING, Scope
from .._store.damage import require_sound
from .._store.store import Store
from .settings import Settings


class Convergence:
    """Asks for nothing but that HAProxy and the files agree with a sound database."""

    whole = True

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Change nothing, look at everything; raises Damaged."""
        require_sound(store)
        return EVERYTHING

    def describe(self, store: Store) -> dict[str, Any]:
        """Nothing more than the outcome says."""
        return {}
