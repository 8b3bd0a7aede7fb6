# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving a map all of its entries at once."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    Refused,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import maps
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import LINE_LIMIT
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.maps import MapSwap
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.versioned import Versioned

PATH = "/seen/domains.map"
MANY = [(f"d{n}.test", "pool_1") for n in range(2000)]


@pytest.fixture
def haproxy() -> Versioned:
    made = Versioned("/seen", 2, 2)
    made.put(PATH, "old.test", "pool_2")
    return made


def test_a_swap_replaces_every_entry_in_one_commit(haproxy: Versioned) -> None:
    api = DirectApi(haproxy)
    MapSwap(PATH, MANY).carry_out(api)
    assert haproxy.routes() == {PATH: dict(MANY)}
    assert haproxy.log[0] == f"prepare map {PATH}" and haproxy.log[-1] == f"commit map @1 {PATH}"
    assert set(haproxy.log[1:-1]) == {f"add map @1 {PATH}"}
    assert len(haproxy.log) == 5


def test_a_map_may_become_empty(haproxy: Versioned) -> None:
    MapSwap(PATH, []).carry_out(DirectApi(haproxy))
    assert haproxy.routes() == {}


def test_no_command_is_longer_than_haproxy_takes() -> None:
    for key in ("a.test", "a" * 253):
        room = LINE_LIMIT - len(PATH) - len("add map @4294967295  <<\n")
        entries = [(key, "pool_100000")] * 1000
        chunks = list(maps._chunks(entries, room))
        texts = [maps.add_to_map(PATH, 4294967295, chunk).text for chunk in chunks]
        assert max(map(len, texts)) <= LINE_LIMIT
        assert min(map(len, texts[:-1])) > LINE_LIMIT - 300
        assert "".join(chunks) == f"{key} pool_100000\n" * 1000


@pytest.mark.parametrize("refused", ["add map", "commit map"])
def test_a_version_that_is_refused_is_dropped(haproxy: Versioned, refused: str) -> None:
    haproxy.refuse = lambda command: "No memory.\n\n" if command.startswith(refused) else None
    with pytest.raises(Refused, match=f"refused '{refused} @1 {PATH}( <<)?': No memory."):
        MapSwap(PATH, MANY).carry_out(DirectApi(haproxy))
    assert haproxy.log[-1] == f"clear map @1 {PATH}"
    assert haproxy.routes() == {PATH: {"old.test": "pool_2"}}


def test_an_entry_that_cannot_be_sent_changes_nothing(haproxy: Versioned) -> None:
    with pytest.raises(InvalidInput, match="'x.test ä'"):
        MapSwap(PATH, [*MANY, ("x.test", "ä")]).carry_out(DirectApi(haproxy))
    assert haproxy.routes() == {PATH: {"old.test": "pool_2"}}


def test_a_map_that_haproxy_has_not(haproxy: Versioned) -> None:
    with pytest.raises(Refused, match="Unknown map identifier"):
        MapSwap("/no.map", MANY).carry_out(DirectApi(haproxy))


@pytest.mark.parametrize("lines", ["", "a.test\n", "a.test \n", "a b\n\nc d\n", "a b", "ä b\n"])
def test_a_payload_that_haproxy_would_take_for_something_else(lines: str) -> None:
    with pytest.raises(InvalidInput, match="^entry of /seen/domains.map: .* cannot be sent"):
        maps.add_to_map(PATH, 1, lines)


def test_a_path_is_one_word() -> None:
    for command in (maps.prepare_map, lambda path: maps.commit_map(path, 1)):
        with pytest.raises(InvalidInput):
            command("/a;disable frontend http")
