# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history as it is returned. Read only."""

from __future__ import annotations

from typing import Any

from ..._instance.instance import Instance
from ..._store.past import newest


def list_changes(instance: Instance, limit: int) -> list[dict[str, Any]]:
    """The newest changes, newest first; see `past.Change` for what each tells."""
    with instance.reading() as store:
        return [change._asdict() for change in newest(store.connection, limit)]
