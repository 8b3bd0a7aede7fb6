# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pool files: what HAProxy would read at its start."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from ansible_collections.inouter.haproxy.plugins.module_utils._files import pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Pool, Server
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import pool_servers

POOL = """\
# Written by inouter.haproxy. Change it with haproxy_server, not by hand.
backend pool_7 from pools
    server pool_7_1 10.0.0.1:80 weight 1
    server pool_7_2 [2001:db8::1]:8080 weight 256
    server pool_7_3 10.0.0.3:80 weight 0
    server pool_7_4 10.0.0.4:80 weight 5 disabled
    server pool_7_5 10.0.0.5:80 weight 0
    server pool_7_6 192.0.2.1:80 weight 1 disabled
"""
SERVERS = {
    5: Server("10.0.0.5", weight=0),
    1: Server("10.0.0.1"),
    2: Server("2001:db8::1", 8080, 256),
    3: Server("10.0.0.3", weight=9, state="drain"),
    4: Server("10.0.0.4", weight=5, state="maint"),
}
LINE = re.compile(r"    server pool_2_\d (\S+:\d+) weight (\d+)( disabled)?\Z")


def test_every_kind_of_server() -> None:
    assert pool_file.render(7, SERVERS, 6).decode() == POOL


def test_file_name() -> None:
    assert pool_file.file_name(7) == "pool_7.cfg"


@given(pool_servers())
def test_each_slot_has_one_line_and_only_ready_ones_get_requests(servers: Pool) -> None:
    _header, backend, *rows = pool_file.render(2, servers, 3).decode().splitlines()
    assert (backend, len(rows)) == ("backend pool_2 from pools", 3)
    for slot, row in enumerate(rows, start=1):
        match = LINE.match(row)
        assert match and row.startswith(f"    server pool_2_{slot} ")
        held = servers.get(slot)
        serves = int(match.group(2)) > 0 and not match.group(3)
        assert serves == (held is not None and held.state == "ready" and held.weight > 0)


def test_a_profile_has_defaults_of_its_own() -> None:
    first = pool_file.render(7, {}, 0, "sticky").decode().splitlines()[1]
    assert first == "backend pool_7 from pools_sticky"


@pytest.mark.parametrize(("profile", "name"), [("", "pools"), ("sticky", "pools_sticky")])
def test_the_defaults_that_a_file_names(profile: str, name: str) -> None:
    assert pool_file.defaults_of(pool_file.render(7, {}, 2, profile)) == name
