# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write that fails: HAProxy refuses, the disk is full, or the process is killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    Refused,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history
from ansible_collections.inouter.haproxy.tests.unit.support.script import Script
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer
from ansible_collections.inouter.haproxy.tests.unit.support.truth import Rows, files, tables

COLUMNS = (
    "srv_name be_name srv_addr srv_port srv_uweight srv_admin_state srv_op_state srv_check_state"
)
SLOTS = (
    f"1\n# {COLUMNS}\n"
    + "pool_1_1 pool_1 {} 1 {} 0 6\n"
    + "".join(f"pool_1_{slot} pool_1 192.0.2.1 80 1 5 0 6\n" for slot in (2, 3))
    + "\n"
)
MISS = "type=str, case=sensitive, found=no\n\n"
MOVE = "IP changed from '192.0.2.1' to '10.0.0.1' by 'stats socket command'\n\n"
ADDS = (
    DomainRequest("a.test", ip="10.0.0.1"),
    DomainRequest("*.a.test", servers=[{"ip": "10.0.0.1", "weight": 5}, {"ip": "2001:db8::1"}]),
)


class Killed(BaseException):
    """Stands for SIGKILL: nothing that handles errors sees it."""


def change(instance: Instance, request: Any) -> Outcome:
    return write(instance, "haproxy_domain", request)


def rows_and_files(instance: Instance) -> tuple[Rows, dict[str, bytes]]:
    with instance.store() as store:
        found = tables(store.connection)
    # With which generation a pool was freed is a hint for free pools only.
    found["pools"] = [(row[0],) for row in found["pools"]]
    return found, files(instance)


def outcomes(instance: Instance) -> list[tuple[str, str]]:
    with instance.store() as store:
        query = "SELECT outcome, message FROM history ORDER BY generation"
        return [(row[0], row[1]) for row in store.connection.execute(query)]


def pending(instance: Instance) -> list[int]:
    with instance.store() as store:
        return history.pending(store.connection)


def refuse_number(number: int, words: str) -> Callable[[str], str | None]:
    left = [number]

    def refuse(command: str) -> str | None:
        if command.startswith(("show", "get")):
            return None
        left[0] -= 1
        return words if left[0] == 0 else None

    return refuse


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize("request_", [*ADDS, DomainRequest("there.test", present=False)])
def test_whichever_command_is_refused_all_is_as_before(
    instance: Instance, simulated: Simulated, request_: DomainRequest, number: int
) -> None:
    change(instance, DomainRequest("there.test", ip="10.0.0.9"))
    before, slots, routes = rows_and_files(instance), simulated.servers(), simulated.routes()
    simulated.refuse = refuse_number(number, "No such thing today.\n\n")
    simulated.log.clear()
    try:
        change(instance, request_)
    except Refused as error:
        assert str(error).startswith("HAProxy refused '")
        assert str(error).endswith(": No such thing today.")
        assert outcomes(instance)[-1] == ("refused", str(error))
        assert rows_and_files(instance) == before
        assert (simulated.servers(), simulated.routes()) == (slots, routes)
    else:
        assert len(simulated.log) < number, "a command was refused and nobody noticed"
    assert pending(instance) == []
    simulated.refuse = lambda command: None
    assert change(instance, request_).verified


def test_a_refusal_and_the_way_back_word_for_word(instance: Instance) -> None:
    before = rows_and_files(instance)
    path = f"{instance.paths.conf}/domains.map"
    look = (
        ("show version", "3.2.26-1\n\n"),
        (f"get map {path} a.test", MISS),
    )
    script = Script(
        *look,
        ("show servers state pool_1", SLOTS.format("192.0.2.1 80", 5)),
        ("set server pool_1/pool_1_1 addr 10.0.0.1 port 80", MOVE),
        ("show servers state pool_1", SLOTS.format("10.0.0.1 80", 5)),
        ("set server pool_1/pool_1_1 state ready", "\n"),
        (f"add map {path} a.test pool_1", "Out of memory error.\n\n"),
        *look,
        ("show servers state pool_1", SLOTS.format("10.0.0.1 80", 4)),
        ("set server pool_1/pool_1_1 state maint", "\n"),
        ("set server pool_1/pool_1_1 addr 192.0.2.1 port 80", MOVE),
        ("set server pool_1/pool_1_1 weight 1", "\n"),
    )
    expected = pytest.raises(Refused, match=r"add map \S+ a\.test pool_1': Out of memory error\.")
    with LineServer(instance.paths.admin_socket, script), expected:
        change(instance, ADDS[0])
    script.end()
    assert rows_and_files(instance) == before


def test_where_going_back_fails_too_the_next_write_does_it(
    instance: Instance, simulated: Simulated
) -> None:
    before = rows_and_files(instance)
    simulated.refuse = lambda command: "Broken.\n\n" if "_1 state " in command else None
    with pytest.raises(
        HaproxyError, match=r"Broken\. Going back failed as well: .*Broken\."
    ) as caught:
        change(instance, ADDS[0])
    assert "The database is as it was before" in str(caught.value)
    assert rows_and_files(instance)[0] == before[0]
    (generation,) = pending(instance)
    simulated.refuse = lambda command: None
    outcome = change(instance, DomainRequest("b.test", ip="10.0.0.2"))
    assert (outcome.recovered, outcome.changed, pending(instance)) == ([generation], True, [])
    change(instance, DomainRequest("b.test", present=False))
    assert rows_and_files(instance) == before
    assert set(simulated.servers().values()) == set(Simulated("", 1, 1).servers().values())


@pytest.mark.parametrize("name", ["domains.map", "pools/pool_1.cfg"])
def test_a_file_that_cannot_be_written_undoes_all(
    instance: Instance, simulated: Simulated, name: str
) -> None:
    before, slots = rows_and_files(instance), simulated.servers()
    blocked = Path(f"{instance.paths.conf}/{name}.new")
    blocked.mkdir()
    with pytest.raises(OSError):
        change(instance, ADDS[0])
    blocked.rmdir()
    assert rows_and_files(instance) == before
    assert (simulated.servers(), simulated.routes()) == (slots, {})
    assert outcomes(instance)[-1][0] == "refused"
    assert change(instance, ADDS[0]).verified


@pytest.mark.parametrize("error", [RuntimeError("a mistake in the code"), MemoryError("no memory")])
def test_any_other_error_undoes_all_as_well(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    before = rows_and_files(instance)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _raising(error))
        with pytest.raises(type(error)):
            change(instance, ADDS[0])
    assert (rows_and_files(instance), pending(instance)) == (before, [])


def _raising(error: BaseException) -> Callable[..., None]:
    def call(*_arguments: Any, **_options: Any) -> None:
        raise error

    return call


@pytest.mark.parametrize("name", ["replace", "fsync", "fchmod"])
def test_the_write_after_a_kill_completes_it_first(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, name, _raising(Killed()))
        with pytest.raises(Killed):
            change(instance, ADDS[0])
    (generation,) = pending(instance)
    outcome = change(instance, DomainRequest("b.test", ip="10.0.0.2"))
    assert (outcome.recovered, pending(instance)) == ([generation], [])
    assert outcomes(instance)[-2:] == [("recovered", ""), ("done", "")]
    lines = files(instance)["domains.map"].decode().splitlines()[1:]
    assert lines == ["a.test pool_1", "b.test pool_2"]


def test_a_check_completes_nothing(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _raising(Killed()))
        with pytest.raises(Killed):
            change(instance, ADDS[0])
    before = rows_and_files(instance)
    outcome = write(instance, "haproxy_state", Convergence(), check_mode=True)
    assert (outcome.changed, outcome.recovered) == (True, [])
    assert rows_and_files(instance) == before
    assert len(pending(instance)) == 1


def test_completing_alone_counts_as_a_change(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _raising(Killed()))
        with pytest.raises(Killed):
            change(instance, ADDS[0])
    outcome = change(instance, ADDS[0])
    assert (outcome.changed, outcome.rows, outcome.persisted) == (True, {}, True)


def test_more_pools_that_cannot_be_written_are_undone(instance: Instance) -> None:
    before = rows_and_files(instance)
    blocked = Path(f"{instance.paths.pools}/pool_6.cfg.new")
    blocked.mkdir()
    with pytest.raises(OSError):
        set_up(instance, {"pool_count": 6}, check_mode=False)
    blocked.rmdir()
    assert rows_and_files(instance) == before
    assert not set_up(instance, {}, check_mode=False).changed
