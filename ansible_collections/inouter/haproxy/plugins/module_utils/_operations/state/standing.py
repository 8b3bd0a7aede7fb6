# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a host stands among hosts that are to serve the same. Read only."""

from __future__ import annotations

from typing import Any

from ..._instance.guard import require_newest
from ..._instance.instance import Instance
from ..._model.errors import NotRunning
from ..._runtime import commands
from ..._store import history
from ..._store.lineage import lineage


def standing(instance: Instance) -> dict[str, Any]:
    """`generation`, `running`, and `lineage`: digests of what is and was served.

    Raises Damaged for a database that is not the newest, Unusable for a HAProxy that runs but
    cannot be talked to.
    """
    with instance.reading() as store:
        require_newest(instance.paths.database, store)
        return {
            "generation": history.last_generation(store.connection),
            "running": _running(instance),
            "lineage": lineage(store),
        }


def _running(instance: Instance) -> bool:
    try:
        instance.api.ask([commands.show_info()])
    except NotRunning:
        return False
    return True
