# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list makes of the domains that are there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    UnknownDomain,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Pool, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.list import (
    listing,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.plan import (
    Plan,
    Planner,
    Rows,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain

ONE, TWO, NEW = Server("10.0.0.1"), Server("10.0.0.2"), Server("10.0.0.9")
IP = {"ip": NEW.ip}
Items = list[dict[str, Any]]


def rows(*found: Domain) -> Rows:
    return {row.domain: row for row in found}


# a owns pool 1, which b and c share; z owns pool 2.
PRESENT = rows(
    Domain("c.test", 1, "a.test"),
    Domain("a.test", 1),
    Domain("b.test", 1, "a.test"),
    Domain("z.test", 2),
)
SERVERS: dict[int, Pool] = {1: {1: ONE, 2: TWO}, 2: {1: TWO}}


def plan(items: Items, prune: bool = False, present: Rows = PRESENT) -> Plan:
    servers = {pool: held for pool, held in SERVERS.items() if present}
    free = [7, 8, 9]
    return Planner(listing(items, 3), present, servers, 3, prune).plan(lambda n: free[:n])


def changed(found: Plan) -> dict[str, tuple[int, str | None]]:
    new = {row for name, row in found.rows.items() if PRESENT.get(name) != row}
    return {row.domain: (row.pool, row.share_with) for row in sorted(new)}


def test_new_domains_take_free_pools() -> None:
    shared = {"domain": "m.test", "share_with": "n.test"}
    found = plan([shared, {"domain": "n.test", **IP}, {"domain": "o.test", "servers": [IP]}])
    assert changed(found) == {
        "m.test": (7, "n.test"),
        "n.test": (7, None),
        "o.test": (8, None),
    }
    assert found.pools == {7: {1: NEW}, 8: {1: NEW}}


def test_nothing_said_nothing_changed() -> None:
    found = plan([{"domain": "a.test"}, {"domain": "b.test"}, {"domain": "z.test"}])
    assert (changed(found), found.removed) == ({}, [])
    assert found.pools == SERVERS


@pytest.mark.parametrize(("prune", "held"), [(False, {1: ONE, 2: TWO, 3: NEW}), (True, {3: NEW})])
def test_servers_that_are_not_named(prune: bool, held: Pool) -> None:
    items: Items = [{"domain": "a.test", "servers": [IP]}, {"domain": "z.test"}]
    assert plan(items, prune).pools == {1: held, 2: {1: TWO}}


def test_prune_removes_what_is_not_listed() -> None:
    found = plan([{"domain": "a.test"}, {"domain": "c.test"}], prune=True)
    assert (changed(found), found.removed) == ({}, ["b.test", "z.test"])
    assert found.pools == {1: SERVERS[1], 2: {}}


@pytest.mark.parametrize(
    ("items", "prune", "expected", "pools"),
    [
        (
            [{"domain": "b.test"}, {"domain": "c.test"}],
            True,
            {"b.test": (1, None), "c.test": (1, "b.test")},
            {2: {}},
        ),
        ([{"domain": "c.test"}], True, {"c.test": (1, None)}, {2: {}}),
        (
            [{"domain": "a.test", "share_with": "z.test"}],
            False,
            {"a.test": (2, "z.test"), "b.test": (1, None), "c.test": (1, "b.test")},
            {},
        ),
        (
            [{"domain": "a.test", "share_with": "z.test"}, {"domain": "z.test"}],
            True,
            {"a.test": (2, "z.test")},
            {1: {}},
        ),
        (
            [{"domain": "a.test", "pool": "pool_5"}],
            False,
            {"a.test": (5, None), "b.test": (5, "a.test"), "c.test": (5, "a.test")},
            {1: {}, 5: SERVERS[1]},
        ),
        ([{"domain": "b.test", **IP}], False, {"b.test": (7, None)}, {7: {1: NEW}}),
        (
            [{"domain": "b.test", "pool": "pool_5", **IP}],
            False,
            {"b.test": (5, None)},
            {5: {1: NEW}},
        ),
        ([{"domain": "b.test", "servers": []}], False, {}, {}),
        (
            [{"domain": "z.test", "share_with": "a.test"}],
            False,
            {"z.test": (1, "a.test")},
            {2: {}},
        ),
        (
            [{"domain": "a.test", "share_with": "b.test"}, {"domain": "b.test", **IP}],
            False,
            {"a.test": (7, "b.test"), "b.test": (7, None), "c.test": (1, None)},
            {7: {1: NEW}},
        ),
    ],
    ids=[
        "the owner goes and the first heir takes over",
        "the owner and the first heir go",
        "the owner shares another pool",
        "the whole pool goes but for its owner",
        "the owner moves with all that share",
        "one that shared gets a pool of its own",
        "one that shared gets a certain pool",
        "one that shares is told no servers",
        "an owner with nobody else shares",
        "owner and sharer change places",
    ],
)
def test_sharing(
    items: Items, prune: bool, expected: dict[str, tuple[int, str | None]], pools: dict[int, Pool]
) -> None:
    found = plan(items, prune)
    assert changed(found) == expected
    assert {p: held for p, held in found.pools.items() if held != SERVERS.get(p)} == pools


@pytest.mark.parametrize(
    ("items", "prune", "words"),
    [
        ([{"domain": "n.test"}], False, "domains[0]: n.test is new and would have no server"),
        (
            [{"domain": "n.test", "servers": [{"slot": 1}]}],
            False,
            "domains[0]: n.test is new and would have no server",
        ),
        (
            [{"domain": "n.test", "share_with": "no.test"}],
            False,
            "domains[0].share_with: 'no.test' is not a domain of this instance",
        ),
        (
            [{"domain": "n.test", "share_with": "b.test"}],
            False,
            "domains[0].share_with: 'b.test' itself shares the pool of a.test",
        ),
        (
            [{"domain": "b.test"}, {"domain": "n.test", "share_with": "b.test"}],
            False,
            "domains[1].share_with: 'b.test' itself shares the pool of a.test",
        ),
        (
            [{"domain": "n.test", "share_with": "z.test"}],
            True,
            "domains[0].share_with: 'z.test' is not in the list, and prune removes it",
        ),
        (
            [{"domain": "n.test", "pool": "pool_2", **IP}],
            False,
            "domains[0].pool: pool_2 already serves z.test",
        ),
        (
            [{"domain": "z.test", "pool": "pool_1"}],
            False,
            "domains[0].pool: pool_1 already serves a.test",
        ),
        (
            [{"domain": "b.test", "pool": "pool_1", **IP}],
            False,
            "domains[0].pool: pool_1 already serves a.test",
        ),
        (
            [{"domain": "a.test", "servers": [{"slot": 3}]}],
            False,
            "domains[0].servers[0].slot: 3 is a free slot",
        ),
    ],
)
def test_errors(items: Items, prune: bool, words: str) -> None:
    with pytest.raises(HaproxyError) as caught:
        plan(items, prune)
    assert str(caught.value).startswith(words)


def test_a_domain_that_an_earlier_task_may_add_is_unknown() -> None:
    with pytest.raises(UnknownDomain):
        plan([{"domain": "n.test", "share_with": "no.test"}])
