# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to what the truth was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Damaged,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state import whole
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.rollback import (
    RollBack,
)
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring
from ansible_collections.inouter.haproxy.tests.unit.support.truth import (
    behind_the_back,
    everything,
    files,
)

CHANGES: list[Any] = [
    DomainRequest("a.test", ip="10.0.0.1"),
    DomainRequest("b.test", share_with="a.test"),
    ServerRequest("a.test", ip="10.0.0.2"),
    DomainRequest("a.test", pool="pool_3"),
    DomainRequest("a.test", present=False),
    ServerRequest("b.test", slot=1, state="drain"),
    DomainRequest("b.test", present=False),
]


def back(instance: Instance, generation: int, check_mode: bool = False) -> Outcome:
    """Go back."""
    return write(instance, "haproxy_state", RollBack(instance, generation), check_mode)


def test_each_generation(instance: Instance) -> None:
    recorded = {1: files(instance)}
    for number, request in enumerate(CHANGES, 2):
        write(instance, "test", request)
        recorded[number] = files(instance)
    for number in (*recorded, 5, 2, 8, 1):
        back(instance, number)
        assert files(instance) == recorded[number]


def test_how_the_instance_is_laid_out_stays(instance: Instance) -> None:
    write(instance, "test", CHANGES[0])
    set_up(instance, {"pool_count": 6}, check_mode=False)
    back(instance, 1)
    with instance.store() as store:
        assert (whole.read(store).domains, store.pool_count()) == ({}, 6)


def test_a_check_changes_nothing(instance: Instance) -> None:
    write(instance, "test", CHANGES[0])
    before = everything(instance)
    outcome = back(instance, 1, check_mode=True)
    assert (outcome.changed, outcome.described) == (True, {"rolled_back_to": 1})
    assert everything(instance) == before


def test_it_can_be_rolled_back_itself(instance: Instance) -> None:
    write(instance, "test", CHANGES[0])
    right = files(instance)
    back(instance, 1)
    assert not back(instance, 1).changed
    back(instance, 2)
    assert files(instance) == right


def test_certificates_come_back_with_their_keys(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    first = write(instance, "test", Bring(a=1)).generation
    path = Path(instance.paths.certs, "a.test.ecdsa.pem")
    right = path.read_bytes()
    write(instance, "test", Bring(a=2))
    write(instance, "test", Bring(a=None))
    back(instance, first)
    assert path.read_bytes() == right


def test_a_key_that_is_lost(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    first = write(instance, "test", Bring(a=1)).generation
    write(instance, "test", Bring(a=None))
    for path in Path(instance.paths.kept).iterdir():
        path.unlink()
    before = everything(instance)
    with pytest.raises(HaproxyError, match=r"a\.test\.ecdsa\.pem, whose key is not on this host"):
        back(instance, first)
    assert everything(instance) == before


def test_a_history_that_leads_elsewhere(instance: Instance) -> None:
    write(instance, "test", CHANGES[0])
    write(instance, "test", ServerRequest("a.test", slot=1, weight=5))
    with behind_the_back(instance.paths.database) as connection:
        connection.execute("UPDATE history SET changes = replace(changes, '10.0.0.1', '10.0.0.3')")
    before = everything(instance)
    with pytest.raises(Damaged, match="does not lead back to generation 2"):
        back(instance, 2)
    assert everything(instance) == before
