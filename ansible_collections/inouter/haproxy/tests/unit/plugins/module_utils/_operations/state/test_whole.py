# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of what is served, read and put."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state import whole
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.whole import Whole
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.secured import fake
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store

SETTINGS = Settings(5, 3, https="127.0.0.1:443")
ROW = fake("a.test")[0]
WANTED = Whole(
    {"a.test": Domain("a.test", 1), "b.test": Domain("b.test", 1, "a.test")},
    {1: {1: Server("10.0.0.1"), 3: Server("10.0.0.3")}},
    {ROW.key: ROW},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store that holds something else."""
    with new_store(tmp_path) as made:
        made.put_domain(Domain("old.test", 2))
        made.put_servers(2, {1: Server("10.0.0.9")})
        yield Store(made.connection)


def test_exactly_this_is_held(store: Store) -> None:
    whole.put(store, SETTINGS, WANTED)
    assert whole.read(store) == WANTED


def test_the_same_again_is_no_change(store: Store) -> None:
    whole.put(store, SETTINGS, WANTED)
    again = Store(store.connection)
    whole.put(again, SETTINGS, WANTED)
    assert again.changes == {}


@pytest.mark.parametrize(
    ("settings", "wanted", "words"),
    [
        (SETTINGS, Whole({"a.test": Domain("a.test", 7)}, {}, {}), "All 5 pools are in use"),
        (SETTINGS, Whole({}, {1: {4: Server("10.0.0.1")}}, {}), "needs 4 slots a pool"),
        (SETTINGS._replace(https=""), WANTED, "serves no HTTPS"),
    ],
)
def test_an_instance_that_is_too_small(
    store: Store, settings: Settings, wanted: Whole, words: str
) -> None:
    with pytest.raises(HaproxyError, match=words):
        whole.put(store, settings, wanted)


def test_pools_are_added_where_they_can_be(store: Store) -> None:
    wanted = Whole({"a.test": Domain("a.test", 7)}, {}, {})
    whole.put(store, SETTINGS, wanted, lambda: (3, 4))
    assert (whole.read(store), store.pool_count()) == (wanted, 7)
