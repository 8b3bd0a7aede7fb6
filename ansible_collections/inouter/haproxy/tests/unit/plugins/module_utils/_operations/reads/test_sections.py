# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of HAProxy's statistics, as real versions write them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    NotRunning,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.sections import (
    section_page,
)
from ansible_collections.inouter.haproxy.tests.unit.support.script import VERSIONS, kept_reply
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer


@pytest.fixture(params=VERSIONS)
def played(instance: Instance, request: pytest.FixtureRequest) -> Any:
    """Give an instance with three servers whose HAProxy answers as a real one did."""
    servers = [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]
    write(instance, "test", DomainRequest("a.test", servers=servers))
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.3"))
    head, *rows = kept_reply(request.param, "show_stat").rstrip("\n").splitlines()

    def answer(line: str) -> bytes:
        return "".join(
            f"{_reply(command, request.param)}\n\n" for command in line.split(";")
        ).encode()

    def _reply(command: str, version: str) -> str:
        words = command.split()
        if words[1] == "info":
            return kept_reply(version, "show_info").rstrip("\n")
        kind = {"1": "FRONTEND", "2": "BACKEND"}.get(words[3], "")
        kept = [r for r in rows if r.split(",")[1] == kind or r.startswith(f"{words[2]},")]
        return "\n".join([head, *kept])

    with LineServer(instance.paths.admin_socket, answer):
        yield instance


def names(page: dict[str, Any], field: str = "svname") -> list[Any]:
    """One field of each row."""
    return [row[field] for row in page["rows"]]


def test_sections(played: Instance) -> None:
    assert names(section_page(played, "process"), "Name") == ["HAProxy"]
    assert names(section_page(played, "frontends"), "pxname") == ["http"]
    backends = section_page(played, "backends")
    assert names(backends, "pxname") == ["unknown", "pool_1", "pool_2"]
    servers = section_page(played, "servers")
    assert names(servers) == ["pool_1_1", "pool_1_2", "pool_2_1"]
    assert (servers["total"], servers["next_cursor"]) == (3, None)


def test_pages(played: Instance) -> None:
    first = section_page(played, "servers", limit=2)
    assert (names(first), first["total"], first["next_cursor"]) == (
        ["pool_1_1", "pool_1_2"],
        3,
        "2",
    )
    assert names(section_page(played, "servers", offset=2)) == ["pool_2_1"]
    assert names(section_page(played, "backends", offset=1, limit=1), "pxname") == ["pool_1"]


def test_of_one_domain(played: Instance) -> None:
    assert names(section_page(played, "servers", "b.test")) == ["pool_2_1"]
    assert names(section_page(played, "backends", "b.test"), "pxname") == ["pool_2"]
    with pytest.raises(InvalidInput, match="'no.test' is not a domain"):
        section_page(played, "servers", "no.test")


def test_fields(played: Instance) -> None:
    page = section_page(played, "servers", fields=["svname", "scur"], limit=1)
    assert page["rows"] == [{"svname": "pool_1_1", "scur": 0}]
    with pytest.raises(InvalidInput, match="fields: 'x' is no field of this section.*pxname, "):
        section_page(played, "servers", fields=["x"])


def test_no_haproxy(instance: Instance) -> None:
    with pytest.raises(NotRunning):
        section_page(instance, "backends")
    assert section_page(instance, "servers")["rows"] == []
