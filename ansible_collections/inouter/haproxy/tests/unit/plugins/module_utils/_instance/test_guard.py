# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write does not follow a database that is damaged or not the newest."""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.guard import require_newest
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    Damaged,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history, watermark
from ansible_collections.inouter.haproxy.tests.unit.support.beside import once_after
from ansible_collections.inouter.haproxy.tests.unit.support.truth import behind_the_back, everything

WEIGH = ServerRequest("a.test", slot=1, weight=9)


@pytest.fixture(autouse=True)
def domain(instance: Instance) -> None:
    """Have a domain."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))


def execute(instance: Instance, statement: str) -> None:
    """Change the database behind the collection's back."""
    with behind_the_back(instance.paths.database) as connection:
        connection.execute(statement)


def test_an_older_database_stops_every_write(instance: Instance) -> None:
    path = instance.paths.database
    shutil.copy(path, f"{path}.saved")
    write(instance, "test", WEIGH)
    shutil.copy(f"{path}.saved", path)
    before = everything(instance)
    for check_mode in (True, False):
        with pytest.raises(Damaged, match="at generation 2, but generation 3 was applied"):
            write(instance, "test", WEIGH, check_mode)
    assert everything(instance) == before


def test_a_write_beside_it_makes_no_database_older(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with instance.reading() as store:
        once_after(monkeypatch, history, "last_generation", lambda: write(instance, "other", WEIGH))
        require_newest(instance.paths.database, store)
    assert watermark.read(instance.paths.database) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE servers SET ip = '10.0.0.3'",
        "UPDATE domains SET pool = 2",
        "UPDATE settings SET value = '2' WHERE name = 'pool_slots'",
    ],
)
def test_a_row_that_was_changed_stops_the_write_that_would_follow_it(
    instance: Instance, statement: str
) -> None:
    execute(instance, statement)
    before = everything(instance)
    with pytest.raises(Damaged, match="not those that generation 2 left"):
        write(instance, "test", WEIGH)
    assert everything(instance) == before


def test_an_error_may_have_its_cause_in_damage(instance: Instance) -> None:
    execute(instance, "UPDATE settings SET value = '1p' WHERE name = 'pool_count'")
    with pytest.raises(Damaged):
        write(instance, "test", WEIGH)


def test_other_errors_stay(instance: Instance) -> None:
    with pytest.raises(InvalidInput):
        write(instance, "test", ServerRequest("no.test", slot=1, weight=9))
    with pytest.raises(Conflict):
        write(instance, "test", DomainRequest("b.test"))


def test_the_generation_is_noted(instance: Instance) -> None:
    outcome = write(instance, "test", WEIGH)
    assert watermark.read(instance.paths.database) == outcome.generation == 3
    assert watermark.settings(instance.paths.database)["pool_count"] == "4"


def test_a_database_that_is_gone(instance: Instance) -> None:
    import os

    os.unlink(instance.paths.database)
    with pytest.raises(Damaged, match="is gone; generation 2 was applied with it"):
        write(instance, "test", WEIGH)
