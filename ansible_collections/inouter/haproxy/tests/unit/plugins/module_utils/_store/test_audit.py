# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: rows that are begun, ended, and listed."""

from __future__ import annotations

import sqlite3

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import StoreProblem
from ansible_collections.inouter.haproxy.plugins.module_utils._store import audit


def test_a_call(instance: Instance) -> None:
    with instance.store() as store:
        number = audit.begin(
            store.connection, "token a", "haproxy_add_domain", {"domain": "a.test"}
        )
        (row,) = audit.calls(store.connection, 10)
        assert (row["outcome"], row["message"]) == (audit.STARTED, "")
        audit.finish(store.connection, number, audit.DONE, "generation 2")
        (row,) = audit.calls(store.connection, 10)
    assert row.pop("at").endswith("+00:00")
    assert row == {
        "number": number,
        "caller": "token a",
        "tool": "haproxy_add_domain",
        "arguments": {"domain": "a.test"},
        "outcome": "done",
        "message": "generation 2",
    }


def test_the_newest_come_first_and_no_more_than_asked_for(instance: Instance) -> None:
    with instance.store() as store:
        numbers = [audit.begin(store.connection, "a", f"tool{n}", {}) for n in range(5)]
        listed = audit.calls(store.connection, 3)
    assert [row["number"] for row in listed] == numbers[:1:-1]


def test_old_rows_go(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEPT_CALLS", 3)
    with instance.store() as store:
        numbers = [audit.begin(store.connection, "a", f"tool{n}", {}) for n in range(5)]
        listed = audit.calls(store.connection, 10)
    assert [row["number"] for row in listed] == numbers[:1:-1]


def test_an_unknown_outcome_is_refused(instance: Instance) -> None:
    with pytest.raises((StoreProblem, sqlite3.IntegrityError)), instance.store() as store:
        number = audit.begin(store.connection, "a", "tool", {})
        audit.finish(store.connection, number, "perhaps")


def test_the_history_is_left_alone(instance: Instance) -> None:
    query = "SELECT count(*) FROM history"
    with instance.store() as store:
        before = store.connection.execute(query).fetchone()
        audit.begin(store.connection, "a", "tool", {})
        assert store.connection.execute(query).fetchone() == before
