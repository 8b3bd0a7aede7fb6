# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: one row for each change, the mark of a cut-off write, and who it was."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain, Store
from ansible_collections.inouter.haproxy.tests.unit.support.truth import new_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def row(store: Store, generation: int) -> dict[str, object]:
    found = store.connection.execute("SELECT * FROM history WHERE generation = ?", (generation,))
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchone()))


def begun(store: Store) -> list[int]:
    return [history.begin(store.connection, name, {}) for name in ("one", "two", "three")]


def test_generations_count_from_one(store: Store) -> None:
    assert history.last_generation(store.connection) == 0
    assert begun(store) == [1, 2, 3]
    assert history.last_generation(store.connection) == 3


def test_a_change_is_pending_until_it_is_finished(store: Store) -> None:
    first, second, third = begun(store)
    history.finish(store.connection, second, history.DONE)
    assert history.pending(store.connection) == [first, third]
    history.finish(store.connection, third, history.REFUSED, "No such server.")
    history.finish(store.connection, first, history.RECOVERED)
    assert history.pending(store.connection) == []


def test_finish_writes_how_it_ended(store: Store) -> None:
    generation = history.begin(store.connection, "test", {})
    assert (row(store, generation)["outcome"], row(store, generation)["message"]) == ("pending", "")
    history.finish(store.connection, generation, history.REFUSED, "No such server.")
    found = row(store, generation)
    assert (found["outcome"], found["message"]) == ("refused", "No such server.")


def test_finish_leaves_later_commits_durable(store: Store) -> None:
    history.finish(store.connection, history.begin(store.connection, "test", {}), history.DONE)
    assert store.connection.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_a_row_tells_what_changed(store: Store) -> None:
    changed: dict[tuple[str, Any], tuple[Any, Any]] = {
        ("domain", "a.test"): (None, Domain("a.test", 1)),
        ("pool", 1): ({}, {2: Server("10.0.0.1")}),
        ("setting", "pool_count"): ("5", "6"),
    }
    generation = history.begin(store.connection, "haproxy_domain", changed)
    found = row(store, generation)
    server = {"ip": "10.0.0.1", "http_port": 80, "weight": 1, "state": "ready"}
    domain = {"domain": "a.test", "pool": 1, "share_with": None}
    assert found["action"] == "haproxy_domain"
    assert json.loads(str(found["changes"])) == [
        {"kind": "domain", "name": "a.test", "before": None, "after": domain},
        {"kind": "pool", "name": 1, "before": {}, "after": {"2": server}},
        {"kind": "setting", "name": "pool_count", "before": "5", "after": "6"},
    ]


def test_a_row_says_when_in_utc(store: Store) -> None:
    found = datetime.fromisoformat(
        str(row(store, history.begin(store.connection, "test", {}))["at"])
    )
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "me"),
        ({"SUDO_USER": "operator"}, "operator"),
        ({"SSH_CONNECTION": "10.0.0.9 51000 10.0.0.1 22"}, "me from 10.0.0.9"),
        (
            {"SUDO_USER": "operator", "SSH_CONNECTION": "2001:db8::9 51000 ::1 22"},
            "operator from 2001:db8::9",
        ),
        ({"SUDO_USER": "", "SSH_CONNECTION": ""}, "me"),
    ],
)
def test_actor(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "me")
    for name in ("SUDO_USER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert history.actor() == expected


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_actor_of_a_user_with_no_name(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def unknown() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)
    for name in ("SUDO_USER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    assert history.actor() == f"uid {os.getuid()}"
