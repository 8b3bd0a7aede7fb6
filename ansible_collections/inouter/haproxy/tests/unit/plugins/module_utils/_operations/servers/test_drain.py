# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until servers in drain have no request under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Pool
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers import drain
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.drain import (
    StillBusy,
    wait_drained,
    write_drained,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated

Sleep = Callable[[float], None]


@pytest.fixture
def busy(instance: Instance, simulated: Simulated) -> Simulated:
    """Let slot 1 of the domain have 2 requests under way, and slot 2 none."""
    servers = [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]
    write(instance, "test", DomainRequest("a.test", servers=servers))
    for slot, sessions in ((1, 2), (2, 0)):
        simulated.slots[1, slot] = replace(
            simulated.slots[1, slot], running=True, sessions=sessions
        )
    return simulated


@pytest.fixture
def ending(busy: Simulated, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let one request end during each pause; return the states that slot 1 had then."""
    seen: list[str] = []

    def pause(_seconds: float) -> None:
        seen.append(busy.slots[1, 1].server.state)
        busy.slots[1, 1] = replace(busy.slots[1, 1], sessions=busy.slots[1, 1].sessions - 1)

    monkeypatch.setattr(drain.time, "sleep", pause)
    return seen


@pytest.fixture
def never_ending(busy: Simulated, monkeypatch: pytest.MonkeyPatch) -> Simulated:
    monkeypatch.setattr(drain.time, "sleep", lambda seconds: pytest.fail("it waits"))
    return busy


def request(state: str, **options: Any) -> ServerRequest:
    return ServerRequest("a.test", state=state, **options)


def pool(instance: Instance) -> Pool:
    with instance.store() as store:
        return store.servers(1)


@pytest.mark.parametrize(
    ("state", "left"), [("maint", {1: "maint", 2: "ready"}), ("absent", {2: "ready"})]
)
def test_a_server_is_drained_before_it_goes(
    instance: Instance, busy: Simulated, ending: list[str], state: str, left: dict[int, str]
) -> None:
    outcome = write_drained(instance, request(state, slot=1), 300)
    assert ending == ["drain", "drain"]
    assert {slot: server.state for slot, server in pool(instance).items()} == left
    assert (outcome.changed, outcome.verified, busy.slots[1, 1].status) == (True, True, "MAINT")
    ((key, (before, after)),) = outcome.rows.items()
    assert (key, before[1].state) == (("pool", 1), "ready")
    assert after.get(1) is None or after[1].state == "maint"


def test_drain_itself_waits_afterwards(instance: Instance, ending: list[str]) -> None:
    assert write_drained(instance, request("drain", slot=1), 300).changed
    assert ending == ["drain", "drain"]
    assert not write_drained(instance, request("drain", slot=1), 300).changed
    assert ending == ["drain", "drain"]


def test_all_servers_of_the_domain_are_waited_for(
    instance: Instance, busy: Simulated, ending: list[str]
) -> None:
    write_drained(instance, request("maint"), 300)
    assert len(ending) == 2
    assert {slot.status for slot in busy.slots.values()} == {"MAINT"}


@pytest.mark.parametrize("state", ["ready", "present"])
def test_a_server_that_goes_to_work_is_not_waited_for(
    instance: Instance, never_ending: Simulated, state: str
) -> None:
    write_drained(instance, request(state, slot=1, weight=5), 300)
    assert pool(instance)[1].weight == 5


def test_other_servers_are_not_waited_for(instance: Instance, never_ending: Simulated) -> None:
    assert write_drained(instance, request("maint", slot=2), 300).changed


def test_a_server_that_is_down_is_not_waited_for(
    instance: Instance, never_ending: Simulated
) -> None:
    never_ending.slots[1, 1] = replace(never_ending.slots[1, 1], running=False)
    assert write_drained(instance, request("absent", slot=1), 300).changed


def test_a_haproxy_that_does_not_run_is_not_waited_for(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    outcome = write_drained(instance, request("absent", slot=1), 300)
    assert (outcome.changed, outcome.persisted, outcome.applied) == (True, True, False)
    assert pool(instance) == {}


@pytest.mark.parametrize("state", ["drain", "maint", "absent"])
def test_after_the_timeout_the_servers_stay_in_drain(
    instance: Instance, busy: Simulated, state: str
) -> None:
    expected = (
        r"^Requests were still under way after 0 s \(pool_1_1: 2\)\. The servers stay in drain"
    )
    with pytest.raises(StillBusy, match=expected):
        write_drained(instance, request(state, slot=1), 0)
    assert pool(instance)[1].state == "drain"
    assert busy.slots[1, 1].status == "DRAIN"


def test_a_server_that_is_not_there_is_gone_already(
    instance: Instance, never_ending: Simulated
) -> None:
    never_ending.log.clear()
    assert not write_drained(instance, request("absent", slot=3), 300).changed
    assert never_ending.log == []


def test_the_lock_is_free_during_the_wait(
    instance: Instance, busy: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(_seconds: float) -> None:
        write(instance, "test", DomainRequest("b.test", ip="10.0.0.9"))
        busy.slots[1, 1] = replace(busy.slots[1, 1], sessions=0)

    monkeypatch.setattr(drain.time, "sleep", pause)
    assert write_drained(instance, request("absent", slot=1), 300).changed


def test_maint_the_second_time_changes_nothing(instance: Instance, never_ending: Simulated) -> None:
    write_drained(instance, request("maint", slot=2), 300)
    never_ending.log.clear()
    assert not write_drained(instance, request("maint", slot=2), 300).changed
    assert never_ending.log == []


def test_a_pool_with_no_slots_named_is_not_waited_for(
    instance: Instance, never_ending: Simulated
) -> None:
    wait_drained(instance.api, 1, [], 0)
    wait_drained(instance.api, 99, [1], 0)
