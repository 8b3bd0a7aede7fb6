# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Map files: one domain is found and changed in the raw bytes, sorted or not."""

from __future__ import annotations

import random
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._files.map_file import HEADER

Routes = dict[str, str]
Edits = dict[str, Optional[str]]

names = st.text("ab1-.*", min_size=1, max_size=6)
pool_names = st.integers(1, 120).map("pool_{}".format)
edits = st.dictionaries(names, st.none() | pool_names, max_size=8)


def changed(content: bytes, changes: Edits) -> bytes:
    added = {name: pool for name, pool in changes.items() if pool is not None}
    return b"".join(map_file.changed(content, changes, added))


def lines(*pairs: str) -> bytes:
    return HEADER + "".join(f"{pair}\n" for pair in pairs).encode()


def after(routes: Routes, changes: Edits) -> Routes:
    merged = {**routes, **changes}
    return {name: pool for name, pool in merged.items() if pool is not None}


def test_render_sorts() -> None:
    routes = [("b.test", "pool_2"), ("*.a.test", "pool_10"), ("a.test", "pool_1")]
    assert map_file.render(routes) == lines("*.a.test pool_10", "a.test pool_1", "b.test pool_2")
    assert map_file.render([]) == HEADER


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (lines("a.test pool_1"), True),
        (HEADER, True),
        (None, False),
        (b"", False),
        (b"a.test pool_1\n", False),
        (lines("a.test pool_1")[:-1], False),
        (HEADER[:-1], False),
        (b"\n" + HEADER, False),
    ],
)
def test_is_whole(content: bytes | None, whole: bool) -> None:
    assert map_file.is_whole(content) is whole


def test_pools_of() -> None:
    content = lines(
        "a.test pool_1", "aa.test pool_2", "a.test.b pool_3", "a.test  pool_4 ", "x y z"
    )
    assert map_file.pools_of(content, "a.test") == ("pool_1", "pool_4")
    assert map_file.pools_of(content, "aa.test") == ("pool_2",)
    assert map_file.pools_of(content, "a") == map_file.pools_of(content, "test") == ()
    assert map_file.pools_of(content, "x") == ("y z",)
    assert map_file.pools_of(HEADER, "a.test") == ()


@pytest.mark.parametrize("name", ["#", "Written", "# Written"])
def test_the_header_is_no_entry(name: str) -> None:
    assert map_file.pools_of(HEADER, name) == ()
    assert list(map_file.entries(HEADER)) == []


def test_entries_leave_out_what_is_none() -> None:
    content = lines("a.test pool_1", "", "# comment", "b.test", "  ", "c.test  pool_3 ")
    assert list(map_file.entries(content)) == [
        ("a.test", "pool_1"),
        ("b.test", ""),
        ("c.test", "pool_3"),
    ]


@given(st.dictionaries(names, pool_names, max_size=12))
def test_what_is_rendered_is_read_again(routes: Routes) -> None:
    content = map_file.render(routes.items())
    assert dict(map_file.entries(content)) == routes
    assert {name: map_file.pools_of(content, name) for name in routes} == {
        name: (pool,) for name, pool in routes.items()
    }


@given(st.dictionaries(names, pool_names, max_size=12), st.lists(edits, max_size=5))
def test_changes_lead_to_the_file_that_is_rendered_anew(
    routes: Routes, rounds: list[Edits]
) -> None:
    content = map_file.render(routes.items())
    for changes in rounds:
        content = changed(content, changes)
        routes = after(routes, changes)
        assert content == map_file.render(routes.items())


loose_lines = st.lists(st.tuples(names, pool_names), max_size=12)


@given(loose_lines, edits)
def test_an_unsorted_file_with_duplicates_is_changed_as_well(
    pairs: list[tuple[str, str]], changes: Edits
) -> None:
    before = lines(*(f"{name} {pool}" for name, pool in pairs))
    content = changed(before, changes)
    assert map_file.is_whole(content)
    for name, pool in changes.items():
        assert map_file.pools_of(content, name) == (() if pool is None else (pool,))
    kept = [pair for pair in pairs if pair[0] not in changes]
    assert [pair for pair in map_file.entries(content) if pair[0] not in changes] == kept


def test_a_big_file_is_changed_at_its_start_middle_and_end() -> None:
    routes = {f"{number:06}.test": f"pool_{number}" for number in range(20000)}
    changes: Edits = {"000000.test": None, "010000.test": "pool_5", "02.test": "pool_6", "x": "y"}
    content = changed(map_file.render(routes.items()), changes)
    assert content == map_file.render(after(routes, changes).items())


def test_lines_that_are_only_added_leave_the_others_alone() -> None:
    parts = map_file.changed(lines("b.test pool_1", "d.test pool_1"), [], {"c.test": "pool_2"})
    assert b"".join(parts) == lines("b.test pool_1", "c.test pool_2", "d.test pool_1")


def test_the_order_of_the_changes_is_all_the_same() -> None:
    changes = [(f"{name}.test", "pool_1") for name in "gcaebdf"]
    expected = map_file.render(changes)
    for seed in range(5):
        random.Random(seed).shuffle(changes)
        assert changed(HEADER, dict(changes)) == expected
