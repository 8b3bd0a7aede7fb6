# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a host stands among hosts that are to serve the same."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.standing import (
    standing,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import past
from ansible_collections.inouter.haproxy.tests.unit.support.beside import once_before
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated


def test_stopped(instance: Instance) -> None:
    found = standing(instance)
    assert (found["generation"], found["running"], len(found["lineage"])) == (1, False, 1)


def test_running(instance: Instance, simulated: Simulated) -> None:
    outcome = write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    found = standing(instance)
    assert (found["generation"], found["running"]) == (outcome.generation, True)
    assert len(found["lineage"]) == 2


def test_a_write_beside_it_is_not_seen_by_half(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(instance)
    request = DomainRequest("a.test", ip="10.0.0.1")
    once_before(monkeypatch, past, "going_back", lambda: write(instance, "other", request))
    assert standing(instance) == before
    assert standing(instance)["generation"] == before["generation"] + 1
