# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write needs to know of what it carries out; read by type checkers alone."""

from __future__ import annotations

from typing import Any, Protocol

from .._reconcile.picture import Scope
from .._store.store import Store
from .settings import Settings


class Request(Protocol):
    """What a caller asks for.

    A request that brings certificates has an attribute `contents`, filled by its edit: the PEM
    content by name and key type. One that asks that everything be as the database says, lost
    certificates as well, has an attribute `whole` that is true.
    """

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Change the truth, inside a transaction, and return what was looked at."""

    def describe(self, store: Store) -> dict[str, Any]:
        """What to tell the caller of the truth as it is after the edit."""
