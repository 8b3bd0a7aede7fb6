# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, as rows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file, pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.running import (
    running,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.whole import Whole
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.observe import Places
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Observed,
    Runtime,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import RuntimeSlot
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain

PLACES = Places("/conf", "/seen")
NONE = Whole({}, {}, {})
ONE = Server("10.0.0.1")


def observed(
    routes: dict[str, str], slots: dict[tuple[int, int], Server] | None = None
) -> Observed:
    """A HAProxy that runs."""
    held = {key: RuntimeSlot(server, True, True) for key, server in (slots or {}).items()}
    return Observed(Runtime((3, 2), routes, held, {}), {})


def run(routes: dict[str, str], slots: Any = None, held: Whole = NONE) -> Any:
    """What is found, on an instance with four pools."""
    return running(observed(routes, slots), PLACES, held, 4)


def test_domains_of_one_pool_share_it() -> None:
    found = run({"b.test": "pool_1", "*.a.test": "pool_1", "c.test": "pool_2"})
    assert found.domains == {
        "b.test": Domain("b.test", 1),
        "*.a.test": Domain("*.a.test", 1, "b.test"),
        "c.test": Domain("c.test", 2),
    }


def test_who_shares_with_whom_stays() -> None:
    rows = {"z.test": Domain("z.test", 1), "a.test": Domain("a.test", 1, "z.test")}
    found = run({"a.test": "pool_1", "z.test": "pool_1"}, held=Whole(rows, {}, {}))
    assert found.domains == rows


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (("a.test", "static"), "a.test is routed to static: pool: 'static' is not a pool"),
        (("a.test", "pool_9"), "a.test is routed to pool_9, but there are 4 pools."),
        (("a_b.test", "pool_1"), "a_b.test is routed to pool_1: "),
        (("A.test", "pool_1"), "the name is not in lower case"),
    ],
)
def test_routes_that_cannot_be_stored(route: tuple[str, str], words: str) -> None:
    found = run(dict([route]))
    assert found.domains == {} and words in found.unclear[0]


def test_a_name_in_the_wrong_map_is_without_effect() -> None:
    found = run({"a.test in /conf/wildcards.map": "pool_1"})
    assert (found.domains, found.unclear, len(found.without_effect)) == ({}, [], 1)


def test_servers() -> None:
    drained = ONE._replace(state="drain")
    slots = {(1, 1): ONE, (1, 2): FREE, (2, 1): FREE._replace(state="ready"), (9, 1): ONE}
    found = run({}, {**slots, (3, 1): drained})
    assert found.pools == {1: {1: ONE}, 3: {1: drained}}
    assert found.without_effect == ["pool_2_1 is a free slot that is not as it was written."]


def test_a_row_that_does_the_same_stays() -> None:
    """After a restart a slot that drains has weight 0, and the truth has its weight."""
    row = Server("10.0.0.1", 80, 7, "drain")
    found = run({}, {(1, 1): ONE._replace(weight=0)}, Whole({}, {1: {1: row}}, {}))
    assert found.pools == {1: {1: row}}


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({(1, 1): ONE, (1, 2): ONE}, "pool_1_2 has 10.0.0.1:80: another slot of the pool"),
        ({(1, 1): Server("0.0.0.0")}, "is not the address of one host"),
        ({(1, 1): Server("10.0.0.1", 0)}, "it has no port"),
    ],
)
def test_servers_that_cannot_be_stored(slots: Any, words: str) -> None:
    assert words in run({}, slots).unclear[0]


def test_the_placeholder_of_another_system_is_free() -> None:
    found = run({}, {(1, 1): Server("0.0.0.0", 80, 1, "maint")})
    assert (found.pools, found.unclear) == ({}, [])


def test_the_files_where_none_runs() -> None:
    files = {
        PLACES.exact: map_file.render([("a.test", "pool_1")]),
        PLACES.wildcard: map_file.render([("*.a.test", "pool_1"), ("b.test", "pool_1")]),
        PLACES.pool_file(1): pool_file.render(1, {2: ONE}, 3),
    }
    found = running(Observed(None, {**files}), PLACES, NONE, 4)
    assert set(found.domains) == {"a.test", "*.a.test"}
    assert (found.pools, len(found.without_effect)) == ({1: {2: ONE}}, 1)
