# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making an instance, and changing its settings later."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import (
    LOADED_ONLY,
    missing_folders,
    reload_needed,
    set_up,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

FOLDERS = {"conf": 0o755, "conf/pools": 0o755, "certs": 0o700, "data": 0o700, "run": 0o755}
NEW = {"pool_count": 2, "pool_slots": 3}


@pytest.fixture
def blank(tmp_path: Path) -> Instance:
    return Instance(str(tmp_path / "haproxy"), lock_timeout=0)


def settings(instance: Instance) -> Settings:
    with instance.store() as store:
        return Settings.of_rows(store.settings())


def test_a_new_instance(blank: Instance) -> None:
    mask = os.umask(0o022)
    try:
        outcome = set_up(blank, NEW, check_mode=False)
    finally:
        os.umask(mask)
    assert (outcome.changed, outcome.persisted, outcome.applied) == (True, True, False)
    assert outcome.described == {"settings": settings(blank)._asdict()}
    modes = {name: stat.S_IMODE(os.stat(f"{blank.paths.base}/{name}").st_mode) for name in FOLDERS}
    assert modes == FOLDERS
    found = files(blank)
    assert set(found) == {"domains.map", "wildcards.map", "pools/pool_1.cfg", "pools/pool_2.cfg"}
    assert found["domains.map"] == found["wildcards.map"] == map_file.HEADER
    assert found["pools/pool_2.cfg"].count(b"server pool_2_") == 3


def test_the_second_time_nothing_changes(blank: Instance) -> None:
    set_up(blank, NEW, check_mode=False)
    before = everything(blank)
    for changes in (NEW, {}, dict.fromkeys(NEW)):
        outcome = set_up(blank, changes, check_mode=False)
        assert (outcome.changed, outcome.persisted) == (False, True)
    assert everything(blank) == before


def test_check_mode_of_a_new_host_makes_nothing(blank: Instance) -> None:
    assert set_up(blank, NEW, check_mode=True).changed
    assert not os.path.exists(blank.paths.base)


def test_check_mode_of_a_host_that_is_set_up(blank: Instance) -> None:
    set_up(blank, NEW, check_mode=False)
    before = everything(blank)
    assert not set_up(blank, NEW, check_mode=True).changed
    outcome = set_up(blank, {"pool_count": 3}, check_mode=True)
    assert (outcome.changed, outcome.described["settings"]["pool_count"]) == (True, 3)
    assert everything(blank) == before


@pytest.mark.parametrize(
    "changes",
    [{"pool_count": 0}, {"pool_slots": 1001}, {"haproxy_conf": "conf"}, {"pool_count": True}],
)
def test_bad_settings_make_nothing(blank: Instance, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        set_up(blank, changes, check_mode=False)
    assert not os.path.exists(blank.paths.base)


def test_pools_and_slots_can_be_added(blank: Instance) -> None:
    set_up(blank, NEW, check_mode=False)
    outcome = set_up(blank, {"pool_count": 4}, check_mode=False)
    assert outcome.rows == {("setting", "pool_count"): ("2", "4"), ("pool_count", ""): (2, 4)}
    assert b"pool_4_3" in files(blank)["pools/pool_4.cfg"]
    set_up(blank, {"pool_slots": 5}, check_mode=False)
    assert b"pool_1_5" in files(blank)["pools/pool_1.cfg"]
    assert settings(blank) == Settings(4, 5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pool_count": 1}, "pool_count: 1 is less than the 2 pools that exist."),
        ({"pool_slots": 2}, "pool_slots: 2 is less than the 3 slots that each pool has."),
    ],
)
def test_pools_and_slots_cannot_be_taken_away(
    blank: Instance, changes: dict[str, int], words: str
) -> None:
    set_up(blank, NEW, check_mode=False)
    before = everything(blank)
    with pytest.raises(HaproxyError) as caught:
        set_up(blank, changes, check_mode=False)
    assert str(caught.value).startswith(words)
    assert everything(blank) == before


def test_other_settings(blank: Instance) -> None:
    given = {"haproxy_conf": "/seen", "haproxy_binary": "/x/haproxy", "haproxy_container": "edge"}
    set_up(blank, {**NEW, **given}, check_mode=False)
    assert settings(blank) == Settings(2, 3, "/seen", "/x/haproxy", "edge")


@pytest.mark.parametrize("name", ["certs", "data"])
def test_a_folder_that_is_gone_is_made_again(blank: Instance, name: str) -> None:
    set_up(blank, NEW, check_mode=False)
    path = Path(blank.paths.base, name)
    path.rmdir()
    assert missing_folders(blank) == [str(path)]
    assert set_up(blank, {}, check_mode=True).changed
    assert set_up(blank, {}, check_mode=False).changed
    assert missing_folders(blank) == []


def test_the_files_of_a_pool_that_is_gone_are_written_again(blank: Instance) -> None:
    set_up(blank, NEW, check_mode=False)
    before = files(blank)
    Path(blank.paths.pools, "pool_1.cfg").unlink()
    assert set_up(blank, {}, check_mode=False).changed
    assert files(blank) == before


def test_domains_and_servers_stay(blank: Instance) -> None:
    set_up(blank, NEW, check_mode=False)
    write(blank, "test", DomainRequest("a.test", ip="10.0.0.1"))
    before = files(blank)
    set_up(blank, {"pool_count": 3}, check_mode=False)
    assert {name: content for name, content in files(blank).items() if name in before} == before


def test_reload_needed(instance: Instance, simulated: Simulated, blank: Instance) -> None:
    assert not reload_needed(blank)
    assert not reload_needed(instance)
    del simulated.slots[4, 3]
    assert reload_needed(instance)


@pytest.mark.parametrize("name", LOADED_ONLY)
@pytest.mark.parametrize(
    ("after", "needed"), [(-1.0, False), (0.9, False), (1.0, True), (9999.0, False)]
)
def test_a_reload_is_needed_where_a_file_is_newer_than_haproxy(
    instance: Instance, simulated: Simulated, name: str, after: float, needed: bool
) -> None:
    file = Path(instance.paths.conf, name)
    file.touch()
    os.utime(file, (0, simulated.started + after))
    assert reload_needed(instance) is needed


def test_a_reload_is_needed_until_a_changed_profile_is_loaded(
    instance: Instance, simulated: Simulated
) -> None:
    Path(instance.paths.config).touch()
    os.utime(instance.paths.config, (0, 0))
    profile = {"pool_profiles": [{"name": "sticky", "first": 4, "last": 4}]}
    assert set_up(instance, profile, check_mode=True).changed and not reload_needed(instance)
    assert set_up(instance, profile, check_mode=False).changed and reload_needed(instance)
    simulated.started = int(time.time())
    assert not set_up(instance, profile, check_mode=False).changed and not reload_needed(instance)


def test_no_reload_is_needed_where_none_runs(instance: Instance) -> None:
    assert not reload_needed(instance)


def test_a_reload_is_needed_after_pools_were_added(
    instance: Instance, simulated: Simulated
) -> None:
    set_up(instance, {"pool_count": 5}, check_mode=False)
    assert reload_needed(instance)


def test_a_first_set_up_that_fails_says_why(tmp_path: Path) -> None:
    instance = Instance(str(tmp_path))
    Path(f"{instance.paths.pools}/pool_1.cfg.new").mkdir(parents=True)
    with pytest.raises(OSError, match="pool_1"):
        set_up(instance, {"pool_count": 2}, check_mode=False)
