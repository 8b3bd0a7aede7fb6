# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting another database in the place of one that is damaged, and what follows in one go."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._files import atomic
from .._files.sqlite_files import LOGS
from .._model.errors import Damaged, NoDatabase
from .._store.damage import require_sound
from .guard import require_newest
from .instance import Instance
from .kept import replaced_folder
from .write import Outcome, write_locked

if TYPE_CHECKING:
    from .request import Request

_COMPANIONS = (*LOGS, "-shm", "")


def write_over(
    instance: Instance,
    action: str,
    request: Request,
    rebuilt: Callable[[], bytes],
    check_mode: bool,
) -> Outcome:
    """A write that also works where the database is damaged or gone.

    That one is then kept below `data/replaced`, and `rebuilt` gives another one, which nobody else
    can use before the request has edited it: it knows less generations than were applied.
    """
    with instance.lock(action):
        if _is_damaged(instance):
            if check_mode:
                return Outcome(changed=True)
            replace_database(instance, rebuilt())
        with instance.store() as store:
            return write_locked(instance, store, action, request, check_mode)


def _is_damaged(instance: Instance) -> bool:
    try:
        instance.require()
        with instance.store() as store:
            require_newest(instance.paths.database, store)
            require_sound(store)
    except (Damaged, NoDatabase):
        return True
    return False


def replace_database(instance: Instance, content: bytes) -> None:
    """Keep what there is of the old database, and have this one instead."""
    folder = replaced_folder(instance.paths)
    # A log that is left behind would be played into the new database.
    for companion in _COMPANIONS:
        path = f"{instance.paths.database}{companion}"
        if os.path.exists(path):
            atomic.move_all({path: f"{folder}/{os.path.basename(path)}"})
    atomic.replace(instance.paths.database, content)
