# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that was shown, and applied only while it is still the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .._instance.write import Outcome
from .._model.errors import Conflict
from .diff import diff_of

_TELLING = ("generation", "diff", "config_digest")


class PlanChanged(Conflict):
    """What would be done now is not what was shown."""


def plan_id(result: Mapping[str, Any]) -> str:
    """The name of the plan that a module's result in check mode with diff describes."""
    told = [result.get(name) for name in _TELLING]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


class Agreement:
    """Compares the first plan that a task makes with the one that was agreed on, if any."""

    def __init__(self, agreed: str | None) -> None:
        self._agreed = agreed

    def review(self, plan: Outcome | Mapping[str, Any]) -> None:
        """Raise PlanChanged where this is not the plan that was agreed on."""
        agreed, self._agreed = self._agreed, None
        if agreed and agreed != plan_id(_told(plan)):
            raise PlanChanged(
                f"plan_id: {agreed!r} is not the plan any more: HAProxy, its files or the database"
                " have changed since it was made. Make a new plan and look at it again."
            )


def _told(plan: Outcome | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(plan, Outcome):
        return {"generation": plan.generation, "diff": diff_of(plan)}
    return plan
