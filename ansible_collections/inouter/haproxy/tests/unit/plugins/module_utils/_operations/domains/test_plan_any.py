# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is there, and whatever a list asks for: each pool has one owner."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.list import (
    listing,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.plan import (
    Planner,
    Rows,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small

Items = list[dict[str, Any]]


@st.composite
def truths(draw: st.DrawFn) -> Rows:
    """Domains of which each pool has one owner, whose pool the others share."""
    pools = draw(st.dictionaries(small.domains, small.pools))
    owners: dict[int, str] = {}
    for name, pool in pools.items():
        owners.setdefault(pool, name)
    return {n: Domain(n, p, None if owners[p] == n else owners[p]) for n, p in pools.items()}


entries = st.fixed_dictionaries(
    {"domain": small.domains},
    optional={
        "share_with": small.domains,
        "ip": st.just("10.0.0.9"),
        "pool": st.integers(1, 5).map("pool_{}".format),
    },
)


@given(truths(), st.lists(entries, max_size=5), st.booleans())
def test_every_pool_has_one_owner_and_every_name_what_was_asked(
    present: Rows, items: Items, prune: bool
) -> None:
    free = list(range(6, 20))
    try:
        found = Planner(listing(items, 3), present, {}, 3, prune).plan(lambda n: free[:n])
    except HaproxyError:
        return
    expected = {item["domain"] for item in items} | (set() if prune else set(present))
    assert set(found.rows) == expected
    assert set(found.removed) == set(present) - expected
    for row in found.rows.values():
        owner = found.rows[row.share_with or row.domain]
        assert (owner.pool, owner.share_with) == (row.pool, None)
    owned = [row.pool for row in found.rows.values() if not row.share_with]
    assert len(owned) == len(set(owned))
    for item in items:
        row = found.rows[item["domain"]]
        assert item.get("share_with") in (None, row.share_with)
        assert item.get("pool") in (None, f"pool_{row.pool}")
    again = Planner(listing(items, 3), found.rows, found.pools, 3, prune).plan(lambda n: free[:n])
    assert again.rows == found.rows
