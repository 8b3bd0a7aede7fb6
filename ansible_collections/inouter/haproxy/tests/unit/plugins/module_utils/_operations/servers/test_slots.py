# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging the servers that a task names into those that a pool has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Pool, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.slots import (
    Entry,
    entries,
    entry,
    merge,
)
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small

SLOTS = small.SLOT_COUNT
A, B, C = Server("10.0.0.1"), Server("10.0.0.2"), Server("10.0.0.3")

Values = dict[str, Any]


def values() -> st.SearchStrategy[Values]:
    """One item of the option servers."""
    return st.fixed_dictionaries(
        {"ip": st.sampled_from(small.IPS), "http_port": st.sampled_from(small.PORTS)},
        optional={
            "slot": st.integers(0, SLOTS),
            "weight": st.integers(0, 256),
            "state": st.sampled_from(("ready", "drain", "maint")),
        },
    )


lists = st.lists(values(), max_size=SLOTS)


def merged(present: Pool, items: list[Values], prune: bool = False) -> Pool:
    return merge(present, entries(items, SLOTS), SLOTS, prune)


def merged_or_rejected(present: Pool, items: list[Values], prune: bool = False) -> Pool:
    try:
        return merged(present, items, prune)
    except HaproxyError:
        reject()


def address(item: Values) -> tuple[str, int]:
    return item["ip"], item.get("http_port", 80)


@given(small.pool_servers(), lists, st.booleans())
def test_a_pool_has_no_address_twice_and_no_slot_beyond_its_last(
    present: Pool, items: list[Values], prune: bool
) -> None:
    after = merged_or_rejected(present, items, prune)
    addresses = [(server.ip, server.http_port) for server in after.values()]
    assert len(set(addresses)) == len(addresses)
    assert set(after) <= set(range(1, SLOTS + 1))
    assert list(after) == sorted(after)


@given(small.pool_servers(), lists, st.booleans())
def test_each_item_is_in_the_pool_as_it_was_named(
    present: Pool, items: list[Values], prune: bool
) -> None:
    after = merged_or_rejected(present, items, prune)
    for item in items:
        (slot,) = (s for s, held in after.items() if (held.ip, held.http_port) == address(item))
        assert item.get("slot") in (None, 0, slot)
        held = _kept(present, slot, item)
        assert after[slot].weight == item.get("weight", held.weight)
        assert after[slot].state == item.get("state", held.state)


def _kept(present: Pool, slot: int, item: Values) -> Server:
    """What the slot has of its server before: nothing where a new one only fills the gap."""
    held = present.get(slot, A)
    return held if item.get("slot") or (held.ip, held.http_port) == address(item) else A


@given(small.pool_servers(), lists, st.booleans())
def test_merging_the_same_again_changes_nothing(
    present: Pool, items: list[Values], prune: bool
) -> None:
    after = merged_or_rejected(present, items, prune)
    assert merged(after, items, prune) == after


@given(small.pool_servers(), lists)
def test_without_prune_the_others_stay(present: Pool, items: list[Values]) -> None:
    after = merged_or_rejected(present, items)
    named = {item.get("slot") for item in items}
    addresses = {address(item) for item in items}
    for slot, held in present.items():
        if slot not in named and (held.ip, held.http_port) not in addresses:
            assert after[slot] == held


@given(small.pool_servers(), lists)
def test_with_prune_only_what_is_named_stays(present: Pool, items: list[Values]) -> None:
    after = merged_or_rejected(present, items, prune=True)
    addresses = {address(item) for item in items}
    assert {(held.ip, held.http_port) for held in after.values()} <= addresses


@pytest.mark.parametrize("order", [1, -1])
def test_a_slot_that_is_taken_from_a_server_that_is_named_too(order: int) -> None:
    items: list[Values] = [{"slot": 1, "ip": "10.0.0.2"}, {"ip": "10.0.0.1"}]
    after = merged({1: A}, items[::order])
    assert {server.ip for server in after.values()} == {"10.0.0.1", "10.0.0.2"}
    assert merged(after, items[::order]) == after


@pytest.mark.parametrize(
    ("present", "items", "expected"),
    [
        ({}, [{"ip": "10.0.0.1"}], {1: A}),
        ({1: A}, [{"ip": "10.0.0.2"}], {1: A, 2: B}),
        ({2: A}, [{"ip": "10.0.0.2"}], {1: B, 2: A}),
        ({1: A}, [{"ip": "10.0.0.2", "slot": 3}], {1: A, 3: B}),
        ({1: A}, [{"ip": "10.0.0.2", "slot": 1}], {1: B}),
        (
            {1: A, 2: B},
            [{"slot": 1, "ip": "10.0.0.2"}, {"slot": 2, "ip": "10.0.0.1"}],
            {1: B, 2: A},
        ),
        ({1: A}, [{"slot": 1, "weight": 7}], {1: A._replace(weight=7)}),
        ({1: A}, [{"ip": "10.0.0.1", "state": "drain"}], {1: A._replace(state="drain")}),
        ({1: A}, [], {1: A}),
    ],
)
def test_merge(present: Pool, items: list[Values], expected: Pool) -> None:
    assert merged(present, items) == expected


@pytest.mark.parametrize(
    ("present", "items", "expected"),
    [
        ({1: A, 2: B}, [{"ip": "10.0.0.2"}], {2: B}),
        ({1: A}, [{"ip": "10.0.0.2"}], {2: B}),
        ({1: A, 2: B, 3: C}, [{"ip": "10.0.0.9"}], {1: Server("10.0.0.9")}),
        ({1: A}, [{"ip": "10.0.0.1", "slot": 2}], {2: A}),
        ({1: A}, [], {}),
    ],
)
def test_prune(present: Pool, items: list[Values], expected: Pool) -> None:
    assert merged(present, items, prune=True) == expected


def test_a_server_that_gets_another_address_keeps_the_rest() -> None:
    present = {1: Server("10.0.0.1", 80, 7, "drain")}
    assert merged(present, [{"slot": 1, "ip": "10.0.0.2"}]) == {
        1: Server("10.0.0.2", 80, 7, "drain")
    }


def test_a_full_pool_is_said_with_the_ways_out() -> None:
    with pytest.raises(
        Conflict, match=r"^servers\[0\] finds no free slot: all 3 slots .* are in use"
    ):
        merged({1: A, 2: B, 3: C}, [{"ip": "10.0.0.4"}])
    with pytest.raises(Conflict, match=r"^10\.0\.0\.4:80 finds no free slot.*haproxy_pool_slots"):
        merge({1: A, 2: B, 3: C}, [entry({"ip": "10.0.0.4"}, SLOTS)], SLOTS)


def test_an_address_cannot_stand_in_two_slots() -> None:
    with pytest.raises(Conflict, match=r"^10\.0\.0\.1:80 would stand in slot 1 and in slot 2\."):
        merged({1: A}, [{"ip": "10.0.0.1", "slot": 2}])


def test_a_free_slot_needs_an_address() -> None:
    with pytest.raises(InvalidInput, match=r"^servers\[0\]\.slot: 2 is a free slot\."):
        merged({1: A}, [{"slot": 2, "weight": 5}])


def test_entry() -> None:
    assert entry({}, SLOTS) == Entry("")
    assert entry({"slot": 0, "ip": "::1", "http_port": None, "weight": 0}, SLOTS, "x") == Entry(
        "x", ip="::1", weight=0
    )


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"slot": 4}, "slot: 4 is out of range. A whole number from 0 to 3 is allowed"),
        ({"slot": -1}, "slot: -1 is out of range"),
        ({"slot": True}, "slot: True is out of range"),
        ({"ip": ""}, "ip: '' is not an IP address"),
        ({"ip": "10.0.0.1;x"}, "ip: '10.0.0.1;x' is not an IP address"),
        ({"http_port": 0}, "http_port: 0 is out of range"),
        ({"http_port": 65536}, "http_port: 65536 is out of range"),
        ({"weight": -1}, "weight: -1 is out of range"),
        ({"weight": 257}, "weight: 257 is out of range"),
        ({"state": "up"}, "state: 'up' is not a server's state"),
    ],
)
def test_bad_items_are_refused_by_option_and_value(item: Values, words: str) -> None:
    with pytest.raises(InvalidInput) as alone:
        entry(item, SLOTS)
    assert str(alone.value).startswith(words)
    with pytest.raises(InvalidInput) as listed:
        entries([{"ip": "10.0.0.9"}, item], SLOTS)
    assert str(listed.value).startswith(f"servers[1].{words}")


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"ip": "10.0.0.1"}] * 2, "servers[1].ip: '10.0.0.1:80' is in servers[0] too"),
        ([{"slot": 1}, {"ip": "::1"}, {"slot": 1}], "servers[2].slot: 1 is in servers[0] too"),
        (
            [{"ip": "::1"}, {"ip": "0:0::1", "slot": 2}],
            "servers[1].ip: '[::1]:80' is in servers[0]",
        ),
        ([{"slot": n} for n in (1, 2, 3, 0)], "servers: 4 servers are too many for one pool"),
    ],
)
def test_lists_that_contradict_themselves_are_refused(items: list[Values], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        entries(items, SLOTS)
    assert str(caught.value).startswith(words)
