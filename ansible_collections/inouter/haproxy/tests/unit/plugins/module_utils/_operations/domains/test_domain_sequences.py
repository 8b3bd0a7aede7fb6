# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any sequence of requests for domains leaves a truth that makes sense."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support import strategies as small
from ansible_collections.inouter.haproxy.tests.unit.support.truth import memory_store

SETTINGS = Settings(pool_count=3, pool_slots=3)


def _request(options: dict[str, Any]) -> DomainRequest:
    return DomainRequest(**options)


requests = st.fixed_dictionaries(
    {
        "domain": small.domains,
        "present": st.sampled_from((True, True, False)),
        "ip": st.none() | st.sampled_from(small.IPS),
        "share_with": st.none() | st.none() | small.domains,
        "pool": st.none() | st.none() | small.pool_names(),
        "prune": st.booleans(),
    }
).map(_request)


@given(st.lists(requests, max_size=15))
def test_any_requests_leave_a_truth_that_makes_sense(asked: list[DomainRequest]) -> None:
    with memory_store(SETTINGS.pool_count) as store:
        for request in asked:
            _check_scope(store, request)
        owners = {row.pool: row.domain for row in store.domains() if row.share_with is None}
        for row in store.domains():
            assert row.share_with in (None, owners[row.pool])
            assert row.share_with is not None or owners[row.pool] == row.domain
        assert set(store.pools()) == set(owners) == {row.pool for row in store.domains()}
        assert store.connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _check_scope(store: Store, request: DomainRequest) -> None:
    """A request changes nothing outside its scope, and nothing at all the second time."""
    edited = Store(store.connection)
    store.connection.execute("BEGIN")
    try:
        scope = request.edit(edited, SETTINGS)
    except HaproxyError:
        store.connection.execute("ROLLBACK")
        return
    for (kind, name), (before, after) in edited.changed().items():
        if kind == "pool":
            assert name in (scope.pools or ())
        elif _pool(before) != _pool(after):
            assert name in (scope.domains or ())
    store.connection.execute("COMMIT")
    again = Store(store.connection)
    request.edit(again, SETTINGS)
    assert again.changed() == {}


def _pool(row: Domain | None) -> int | None:
    return None if row is None else row.pool
