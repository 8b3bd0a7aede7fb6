# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading domains and servers, with and without a running HAProxy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    StoreProblem,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads import lists
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated


@pytest.fixture(autouse=True)
def domains(instance: Instance) -> None:
    servers: list[dict[str, Any]] = [
        {"ip": "10.0.0.1"},
        {"ip": "10.0.0.2", "slot": 3, "state": "maint"},
    ]
    write(instance, "test", DomainRequest("a.test", servers=servers))
    write(instance, "test", DomainRequest("*.a.test", share_with="a.test"))


def test_domains(instance: Instance) -> None:
    found = lists.list_domains(instance)
    assert [view["domain"] for view in found] == ["*.a.test", "a.test"]
    assert found[0]["share_with"] == "a.test"
    assert found[0]["servers"] == found[1]["servers"]


@pytest.mark.parametrize(
    ("names", "wildcards", "expected"),
    [
        (None, False, ["a.test"]),
        (["A.Test.", "*.a.test"], True, ["*.a.test", "a.test"]),
        (["A.Test.", "*.a.test"], False, ["a.test"]),
        (["no.test"], True, []),
        ([], True, []),
    ],
)
def test_some_domains(
    instance: Instance, names: list[str] | None, wildcards: bool, expected: list[str]
) -> None:
    found = lists.list_domains(instance, names, wildcards)
    assert [view["domain"] for view in found] == expected


def test_a_bad_name_is_refused(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^domains: 'a b' "):
        lists.list_domains(instance, ["a.test", "a b"])


def test_servers_where_haproxy_does_not_run(instance: Instance) -> None:
    found = lists.list_servers(instance, "A.test")
    assert (found["domain"], found["pool"], found["free_slots"]) == ("a.test", "pool_1", [2])
    assert [server["name"] for server in found["servers"]] == ["pool_1_1", "pool_1_3"]
    assert {(s["status"], s["connections"]) for s in found["servers"]} == {(None, None)}


def test_servers_as_haproxy_sees_them(instance: Instance, simulated: Simulated) -> None:
    write(instance, "test", DomainRequest("a.test", http_port=80))
    simulated.slots[1, 1] = replace(simulated.slots[1, 1], sessions=7)
    first, second = lists.list_servers(instance, "*.a.test")["servers"]
    assert (first["status"], first["connections"]) == ("UP", 7)
    assert (second["status"], second["connections"]) == ("MAINT", 0)


def test_every_free_slot_is_listed(instance: Instance) -> None:
    write(instance, "test", DomainRequest("b.test", servers=[{"ip": "10.0.0.9", "slot": 2}]))
    assert lists.list_servers(instance, "b.test")["free_slots"] == [1, 3]


def test_requests_that_wait_count_as_connections(instance: Instance, simulated: Simulated) -> None:
    header = "# pxname,svname,qcur,scur,status,type,\n"
    simulated.refuse = lambda command: f"{header}pool_1,pool_1_1,2,3,UP,2,\npool_1,B,,,UP,1,\n\n"
    loads = lists.server_loads(instance.api, 1)
    assert loads == {
        "pool_1_1": {"status": "UP", "connections": 5},
        "B": {"status": "UP", "connections": 0},
    }


def test_a_pool_that_haproxy_lacks_has_no_loads(instance: Instance, simulated: Simulated) -> None:
    assert lists.server_loads(instance.api, 99) == {}


def test_a_domain_that_is_not_there(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^domain: 'no.test' is not a domain of this instance"):
        lists.list_servers(instance, "no.test")


def test_a_host_that_is_not_set_up() -> None:
    with pytest.raises(StoreProblem, match="There is no database at /nowhere"):
        lists.list_domains(Instance("/nowhere"))
