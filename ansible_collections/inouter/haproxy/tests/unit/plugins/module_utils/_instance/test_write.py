# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write from its beginning to its end, where nothing goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import (
    atomic,
    map_file,
    pool_file,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import (
    Outcome,
    write,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Busy,
    InvalidInput,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

ONE = Server("10.0.0.1")
ADD = DomainRequest("a.test", ip="10.0.0.1")
REMOVE = DomainRequest("a.test", present=False)


def add(instance: Instance, check_mode: bool = False) -> Outcome:
    return write(instance, "haproxy_domain", ADD, check_mode)


def flags(outcome: Outcome) -> tuple[bool, bool, bool, bool]:
    return outcome.changed, outcome.persisted, outcome.applied, outcome.verified


def history_rows(instance: Instance) -> list[tuple[Any, ...]]:
    with instance.store() as store:
        query = "SELECT generation, action, outcome, message FROM history ORDER BY generation"
        return list(store.connection.execute(query))[1:]


def test_with_no_haproxy_the_database_and_the_files_are_enough(instance: Instance) -> None:
    outcome = add(instance)
    assert flags(outcome) == (True, True, False, False)
    assert outcome.rows == {
        ("domain", "a.test"): (None, Domain("a.test", 1)),
        ("pool", 1): ({}, {1: ONE}),
    }
    assert {(d.side, d.kind, d.key) for d in outcome.differences} == {
        ("files", "route", "a.test"),
        ("files", "pool_file", 1),
    }
    assert (outcome.recovered, outcome.described["pool"]) == ([], "pool_1")
    found = files(instance)
    assert found["domains.map"] == map_file.render([("a.test", "pool_1")])
    assert found["pools/pool_1.cfg"] == pool_file.render(1, {1: ONE}, 3)


def test_haproxy_is_told_and_read_back(instance: Instance, simulated: Simulated) -> None:
    assert flags(add(instance)) == (True, True, True, True)
    path = instance.paths.conf + "/domains.map"
    assert simulated.routes() == {path: {"a.test": "pool_1"}}
    assert simulated.servers()[1, 1] == ONE
    assert flags(write(instance, "haproxy_domain", REMOVE)) == (True, True, True, True)
    assert simulated.routes() == {}
    assert simulated.slots[1, 1].status == "MAINT"


@pytest.mark.parametrize("runs", [False, True])
def test_the_second_time_nothing_changes(
    request: pytest.FixtureRequest, instance: Instance, runs: bool
) -> None:
    if runs:
        request.getfixturevalue("simulated")
    first = add(instance)
    before = everything(instance)
    again = add(instance)
    assert flags(again) == (False, True, runs, runs)
    assert (again.rows, again.differences) == ({}, [])
    assert again.generation == first.generation
    assert everything(instance) == before


def test_each_change_is_in_the_history(instance: Instance) -> None:
    generations = [add(instance).generation, write(instance, "haproxy_domain", REMOVE).generation]
    assert history_rows(instance) == [
        (generation, "haproxy_domain", "done", "") for generation in generations
    ]
    assert generations[1] == generations[0] + 1


@pytest.mark.parametrize("runs", [False, True])
def test_check_mode_changes_nothing_and_says_what_would(
    request: pytest.FixtureRequest, instance: Instance, runs: bool
) -> None:
    simulated = request.getfixturevalue("simulated") if runs else None
    before = everything(instance)
    planned = add(instance, check_mode=True)
    assert everything(instance) == before
    assert simulated is None or simulated.log == []
    done = add(instance)
    assert flags(planned) == (True, False, False, False)
    assert (planned.rows, planned.differences) == (done.rows, done.differences)
    assert planned.described == done.described
    assert planned.generation == done.generation - 1


def test_check_mode_where_nothing_would_change(instance: Instance, simulated: Simulated) -> None:
    add(instance)
    assert flags(add(instance, check_mode=True)) == (False, True, True, True)


def test_a_request_that_is_refused_changes_nothing(instance: Instance) -> None:
    before = everything(instance)
    with pytest.raises(InvalidInput):
        write(instance, "haproxy_domain", DomainRequest("a b", ip="10.0.0.1"))
    with pytest.raises(InvalidInput):
        write(instance, "haproxy_domain", DomainRequest("a.test", ip="localhost"))
    assert everything(instance) == before


def test_a_haproxy_that_cannot_be_asked_is_an_error_and_changes_nothing(instance: Instance) -> None:
    before = everything(instance)
    instance.api.timeout = 0.05
    expected = pytest.raises(Unusable, match="did not answer")
    with LineServer(instance.paths.admin_socket, lambda line: None), expected:
        add(instance)
    assert everything(instance) == before


def test_only_one_writes_at_a_time(instance: Instance) -> None:
    before = everything(instance)
    with instance.lock("haproxy_state"), pytest.raises(Busy, match="by haproxy_state of"):
        add(instance)
    assert everything(instance) == before


def test_what_somebody_else_changed_is_put_right(instance: Instance, simulated: Simulated) -> None:
    add(instance)
    simulated.execute("set server pool_1/pool_1_1 state maint")
    atomic.replace(instance.paths.conf + "/domains.map", b"")
    outcome = add(instance)
    assert flags(outcome) == (True, True, True, True)
    assert outcome.rows == {}
    assert {(d.side, d.kind) for d in outcome.differences} == {
        ("runtime", "slot"),
        ("files", "map_file"),
    }
    assert simulated.servers()[1, 1] == ONE


def test_convergence_looks_at_everything(instance: Instance, simulated: Simulated) -> None:
    add(instance)
    assert flags(write(instance, "haproxy_state", Convergence())) == (False, True, True, True)
    simulated.put(instance.paths.conf + "/domains.map", "stray.test", "pool_3")
    simulated.execute("set server pool_4/pool_4_2 state ready")
    atomic.remove(instance.paths.pools + "/pool_2.cfg")
    outcome = write(instance, "haproxy_state", Convergence())
    assert [(d.side, d.key) for d in outcome.differences] == [
        ("runtime", "stray.test"),
        ("runtime", (4, 2)),
        ("files", 2),
    ]
    assert flags(write(instance, "haproxy_state", Convergence())) == (False, True, True, True)


def test_a_pool_that_lost_its_last_domain_is_used_last(instance: Instance) -> None:
    add(instance)
    write(instance, "haproxy_domain", DomainRequest("b.test", share_with="a.test"))
    write(instance, "haproxy_domain", DomainRequest("b.test", present=False))
    with instance.store() as store:
        assert store.connection.execute("SELECT max(freed) FROM pools").fetchone() == (0,)
    freed = write(instance, "haproxy_domain", REMOVE).generation
    with instance.store() as store:
        rows = list(store.connection.execute("SELECT pool FROM pools WHERE freed = ?", (freed,)))
        assert rows == [(1,)]
        assert history.pending(store.connection) == []
    assert write(instance, "haproxy_domain", ADD).described["pool"] == "pool_2"
