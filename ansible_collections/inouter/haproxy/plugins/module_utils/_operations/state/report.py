# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module haproxy_state_info returns. Read only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._instance.instance import Instance
from ..._model.servers import whole_number

MOST_CHANGES = 10000

Options = Mapping[str, Any]


def gathered(instance: Instance, names: Sequence[str], options: Options) -> dict[str, Any]:
    """What is asked for, by name; raises InvalidInput."""
    return {name: CHOICES[name](instance, options) for name in names}


def _drift(instance: Instance, options: Options) -> Any:
    from .drift import drift  # here, as in the others, for a task needs one of them

    return drift(instance)


def _history(instance: Instance, options: Options) -> Any:
    from ..reads.changes import list_changes  # here, as above

    return list_changes(instance, whole_number(options["limit"], "limit", 1, MOST_CHANGES))


def _export(instance: Instance, options: Options) -> Any:
    from .export import document  # here, as above

    return document(instance, keys=False)


def _backups(instance: Instance, options: Options) -> Any:
    from .backup import list_backups  # here, as above

    return list_backups(instance, options["backups"])


def _standing(instance: Instance, options: Options) -> Any:
    from .standing import standing  # here, as above

    return standing(instance)


CHOICES: dict[str, Callable[[Instance, Options], Any]] = {
    "drift": _drift,
    "history": _history,
    "export": _export,
    "backups": _backups,
    "standing": _standing,
}
