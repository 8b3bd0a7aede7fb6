# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that write do beyond the skeleton: the write itself and its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from .._instance.instance import Instance
from .._instance.settle import warnings
from .._instance.write import Outcome, write
from .._model.errors import NoDatabase, UnknownDomain

if TYPE_CHECKING:
    from .._instance.request import Request


def run_write(module: AnsibleModule, instance: Instance, request: Request) -> dict[str, Any]:
    """Make one write under the module's name and return its result."""
    action = module._name.rpartition(".")[2]
    return written(module, lambda: write(instance, action, request, module.check_mode))


def written(module: AnsibleModule, carry_out: Callable[[], Outcome]) -> dict[str, Any]:
    """The result of a write.

    A check goes on where something is missing that an earlier task would have added.
    """
    try:
        return write_result(module, carry_out())
    except (UnknownDomain, NoDatabase) as error:
        if not module.check_mode:
            raise
        module.warn(f"{error} An earlier task may be about to add it, so the check goes on.")
        return write_result(module, Outcome(changed=True))


def write_result(module: AnsibleModule, outcome: Outcome) -> dict[str, Any]:
    """What every module that writes returns."""
    if outcome.recovered:
        shown = ", ".join(map(str, outcome.recovered))
        module.warn(f"An earlier write was cut off (generation {shown}); it was completed first.")
    for warning in warnings(outcome):
        module.warn(warning)
    return {
        **outcome.described,
        "changed": outcome.changed,
        "persisted": outcome.persisted,
        "applied": outcome.applied,
        "verified": outcome.verified,
        "generation": outcome.generation,
        **(_diff(outcome) if module._diff else {}),
    }


def _diff(outcome: Outcome) -> dict[str, Any]:
    from .diff import diff_of  # here, for loading it costs time that most runs need not spend

    return {"diff": diff_of(outcome)}
