# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write that was made for one generation, and the fence against one that comes late."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Conflict
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.rollback import (
    RollBack,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

ADD = DomainRequest("a.test", ip="10.0.0.1")
REMOVE = DomainRequest("a.test", present=False)


def expecting(instance: Instance, generation: int) -> Instance:
    """The same instance for a task that was made for this generation."""
    return Instance(instance.paths.base, lock_timeout=0, expected_generation=generation)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("generation", [0, 2])
def test_another_generation_is_refused(
    instance: Instance, generation: int, check_mode: bool
) -> None:
    before = everything(instance)
    task = expecting(instance, generation)
    with pytest.raises(Conflict, match=f"{generation} is not the newest .* which is 1"):
        write(task, "test", ADD, check_mode)
    assert everything(instance) == before


def test_a_task_that_writes_twice_builds_on_itself(instance: Instance) -> None:
    task = expecting(instance, 1)
    assert write(task, "test", ADD).generation == 2
    assert write(task, "test", REMOVE).generation == 3


def test_a_fence_keeps_a_late_task_out(instance: Instance) -> None:
    late = expecting(instance, 1)
    assert not write(instance, "test", RollBack(instance, 1)).changed
    outcome = write(instance, "test", RollBack(instance, 1, fence=True))
    assert (outcome.changed, outcome.persisted, outcome.generation) == (True, True, 2)
    with pytest.raises(Conflict):
        write(late, "test", ADD)
    checked = write(instance, "test", RollBack(instance, 1, fence=True), check_mode=True)
    assert (checked.changed, checked.generation) == (False, 2)
