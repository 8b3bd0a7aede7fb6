# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a write, as --diff shows it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._module.diff import (
    MOST_LINES,
    diff_of,
    difference_views,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import Difference
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support.outcomes import outcome_with

ONE, TWO = Server("10.0.0.1"), Server("2001:db8::1", 8080, 5, "drain")


def texts(outcome: Outcome) -> list[tuple[str, str, str]]:
    parts = diff_of(outcome)
    assert all(part["before_header"] == part["after_header"] for part in parts)
    return [(part["before_header"], part["before"], part["after"]) for part in parts]


def test_where_nothing_differs_there_is_no_diff() -> None:
    assert diff_of(outcome_with()) == []


def test_rows_of_the_database() -> None:
    outcome = outcome_with(
        rows={
            ("domain", "a.test"): (None, Domain("a.test", 1)),
            ("domain", "b.test"): (Domain("b.test", 1, "c.test"), None),
            ("pool", 1): ({1: ONE, 2: TWO}, {1: ONE, 3: TWO}),
            ("setting", "pool_slots"): ("3", "4"),
        }
    )
    assert texts(outcome) == [
        (
            "database",
            "domain b.test: pool_1, share_with c.test\n"
            "server pool_1_2: [2001:db8::1]:8080 weight 5 drain\n"
            "server pool_1_3: free\n"
            "setting pool_slots: 3\n",
            "domain a.test: pool_1\n"
            "server pool_1_2: free\n"
            "server pool_1_3: [2001:db8::1]:8080 weight 5 drain\n"
            "setting pool_slots: 4\n",
        )
    ]


def test_haproxy_and_files() -> None:
    before, after = pool_file.render(7, {1: ONE}, 2), pool_file.render(7, {1: ONE, 2: TWO}, 2)
    outcome = outcome_with(
        differences=[
            Difference("runtime", "route", "a.test", None, "pool_7"),
            Difference("runtime", "route", "b.test", "pool_1", "pool_2"),
            Difference("runtime", "slot", (7, 2), FREE, TWO),
            Difference("files", "route", "c.test", "pool_3", None),
            Difference("files", "pool_file", 7, before, after),
        ]
    )
    assert texts(outcome) == [
        (
            "HAProxy",
            "map b.test pool_1\nserver pool_7_2: free\n",
            "map a.test pool_7\nmap b.test pool_2\n"
            "server pool_7_2: [2001:db8::1]:8080 weight 5 drain\n",
        ),
        (
            "files",
            "map c.test pool_3\npool_7.cfg: server pool_7_2 192.0.2.1:80 weight 1 disabled\n",
            "pool_7.cfg: server pool_7_2 [2001:db8::1]:8080 weight 0\n",
        ),
    ]


@pytest.mark.parametrize(("content", "damage"), [(None, "missing"), (b"", "not as it was written")])
def test_a_damaged_map(content: bytes | None, damage: str) -> None:
    outcome = outcome_with(differences=[Difference("files", "map_file", "/c/a.map", content, None)])
    expected = ("files", f"/c/a.map: {damage}\n", "/c/a.map: as the database says\n")
    assert texts(outcome) == [expected]


@pytest.mark.parametrize("before", [None, b"\xff broken\n"])
def test_a_pool_file_that_is_missing_or_garbage(before: bytes | None) -> None:
    after = pool_file.render(7, {}, 1)
    outcome = outcome_with(differences=[Difference("files", "pool_file", 7, before, after)])
    ((_header, old, new),) = texts(outcome)
    assert old == ("" if before is None else "pool_7.cfg: \ufffd broken\n")
    assert "pool_7.cfg: backend pool_7 from pools\n" in new


def test_views_of_differences() -> None:
    outcome = outcome_with(
        differences=[
            Difference("runtime", "slot", (7, 2), FREE, TWO),
            Difference("files", "route", "c.test", "pool_3", None),
        ]
    )
    assert difference_views(outcome) == [
        {"side": "runtime", "kind": "slot", "name": "pool_7_2"},
        {"side": "files", "kind": "route", "name": "c.test"},
    ]


def test_a_long_plan_is_cut_and_says_so() -> None:
    differences = [
        Difference("runtime", "route", f"d{n}.test", None, "pool_1") for n in range(MOST_LINES + 7)
    ]
    ((_header, old, new),) = texts(outcome_with(differences=differences))
    assert re.fullmatch("\\.\\.\\. and 7 more, whose SHA-256 begins with [0-9a-f]{32}\n", old)
    assert new.splitlines()[-2:] == [f"map d{MOST_LINES - 1}.test pool_1", old.rstrip()]
