# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the database and the certificates."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import archive
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Damaged,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.plan import (
    Agreement,
    PlanChanged,
    plan_id,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    back_up,
    list_backups,
)
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, fake


def make(instance: Instance, keep: int = 10, check_mode: bool = False) -> Outcome:
    """Make a backup."""
    return back_up(instance, "test", None, keep, check_mode)


def change(instance: Instance, number: int) -> None:
    """Have another generation."""
    write(instance, "test", DomainRequest("a.test", ip=f"10.0.0.{number}"))


def test_database_and_keys(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    generation = write(instance, "test", Bring(a=1)).generation
    path = make(instance).described["backup"]
    manifest, found = archive.contents(path)
    assert manifest.generation == generation
    assert found["certs/a.test.ecdsa.pem"] == fake("a.test")[1]
    assert found["haproxy_mcp.db"].startswith(b"SQLite format 3")


def test_there_is_one_for_each_generation(instance: Instance) -> None:
    assert make(instance).changed and not make(instance).changed
    Path(archive.listed(instance.paths.backups)[0]).write_text("broken")
    assert make(instance).changed


def test_a_check_makes_none(instance: Instance) -> None:
    outcome = make(instance, check_mode=True)
    assert (outcome.changed, outcome.described["backup"]) == (True, None)
    assert outcome.described["sha256"] is None
    assert not os.path.exists(instance.paths.backups)


def test_its_checksum_is_told_each_time(instance: Instance) -> None:
    told = make(instance).described
    content = Path(told["backup"]).read_bytes()
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert make(instance).described == {**told, "removed": []}


def test_a_plan_is_looked_at_first(instance: Instance) -> None:
    instance.review = Agreement("0" * 32).review
    with pytest.raises(PlanChanged):
        make(instance)
    assert not os.path.exists(instance.paths.backups)
    planned = make(instance, check_mode=True)
    instance.review = Agreement(plan_id({"generation": planned.generation, "diff": []})).review
    assert make(instance).changed


def test_old_ones_go(instance: Instance) -> None:
    for number in (1, 2, 3):
        change(instance, number)
        outcome = make(instance, keep=2)
    assert len(outcome.described["removed"]) == 1
    assert [item["generation"] for item in list_backups(instance, None)] == [4, 3]


def test_those_of_a_database_that_is_gone_are_older(instance: Instance) -> None:
    old = [_of_another_life(instance, generation, "2026-01-01") for generation in (1, 8, 9)]
    outcome = make(instance, keep=2)
    assert outcome.described["removed"] == old[:2]
    assert archive.checked(outcome.described["backup"]).generation == 1
    assert outcome.described["sha256"] == archive.sha256(outcome.described["backup"])
    assert list_backups(instance, None)[0]["path"] == outcome.described["backup"]


def test_the_same_number_of_a_database_that_is_gone_is_another_one(instance: Instance) -> None:
    old = _of_another_life(instance, 1, "2026-01-01")
    outcome = make(instance)
    assert outcome.changed and outcome.described["backup"] != old


def test_what_was_made_stays_where_the_clock_was_put_back(instance: Instance) -> None:
    late = _of_another_life(instance, 9, "2999-01-01")
    outcome = make(instance, keep=1)
    assert outcome.described["removed"] == [late]
    assert archive.checked(outcome.described["backup"]).generation == 1


def _of_another_life(instance: Instance, generation: int, day: str) -> str:
    """The path of a backup of a database that there was."""
    at = f"{day}T00:00:00+00:00"
    path = f"{instance.paths.backups}/{archive.file_name(generation, at)}"
    os.makedirs(instance.paths.backups, exist_ok=True)
    archive.write(path, {"haproxy_mcp.db": b"rows"}, generation, at)
    return path


def test_a_folder_of_ones_own(instance: Instance, tmp_path: Path) -> None:
    folder = str(tmp_path / "else")
    back_up(instance, "test", folder, 5, check_mode=False)
    assert [item["good"] for item in list_backups(instance, folder)] == [True]


def test_damage_is_not_backed_up(instance: Instance) -> None:
    make(instance)
    Path(instance.paths.database).write_bytes(b"broken")
    with pytest.raises(Damaged, match="state=restored src="):
        make(instance)


def test_a_key_that_is_lost(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1))
    Path(instance.paths.certs, "a.test.ecdsa.pem").unlink()
    with pytest.raises(HaproxyError, match="has no intact file, so no backup can hold it"):
        make(instance)


def test_a_broken_one_is_listed_with_its_fault(instance: Instance) -> None:
    path = Path(make(instance).described["backup"])
    path.write_bytes(path.read_bytes()[:50])
    (item,) = list_backups(instance, None)
    assert (item["good"], item["generation"]) == (False, None)
    assert "is damaged" in item["message"]
