# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several HAProxy hosts in one play: all follow, or none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.fleet import Fleet
from .lab.managed import Managed
from .lab.mounts import Mounts, fill

pytestmark = [pytest.mark.haproxy("3.2"), pytest.mark.timeout(400)]
SERVER = {"ip": "10.0.0.1"}
FIRST = ("haproxy_domain", {"domain": "first.test", **SERVER})
SECOND = ("haproxy_domain", {"domain": "second.test", **SERVER})
ALL, NONE = (True, True, True), (False, False, False)


@pytest.fixture
def fleet(haproxy_binary: Path, tmp_path: Path) -> Iterator[Fleet]:
    """Give two HAProxy hosts that serve the same domain."""
    made = Fleet(haproxy_binary, tmp_path, 2, pools=6, slots=3)
    for host in made.hosts:
        host.module("haproxy_domain", domain="old.test", **SERVER)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    """Give mounts that end with the test."""
    made = Mounts()
    yield made
    made.end()


def untouched(fleet: Fleet) -> Callable[[], bool]:
    """A question whether all hosts still serve what they do now."""
    seen = [sides(host) for host in fleet.hosts]
    return lambda: seen == [sides(host) for host in fleet.hosts]


def sides(host: Managed) -> tuple[Any, ...]:
    """What the database, the files and HAProxy hold."""
    return exported(host), host.files(), host.runtime()


def exported(host: Managed) -> Any:
    """All that the database says is served."""
    return host.module("haproxy_state_info", gather=["export"])["export"]


def test_all_follow(fleet: Fleet) -> None:
    """Changes in order, the same pools everywhere, and nothing to do the second time."""
    for name in ("x.test", "y.test"):
        fleet.hosts[0].module("haproxy_domain", domain=name, **SERVER)
        fleet.hosts[0].module("haproxy_domain", domain=name, state="absent")
    drained = ("haproxy_server", {"domain": "second.test", "slot": 1, "state": "drain"})
    before = untouched(fleet)
    checked = fleet.change(FIRST, SECOND, check=True)
    assert checked.code == 0 and before(), checked.output
    assert checked.outcomes() == {"lb1": "would_change", "lb2": "would_change"}
    done = fleet.change(FIRST, SECOND, drained)
    assert done.code == 0, done.output
    assert done.outcomes() == {"lb1": "done", "lb2": "done"}
    assert done.sides("lb1") == done.sides("lb2") == ALL
    one, two = fleet.hosts
    assert one.runtime_map() == two.runtime_map()
    assert set(one.runtime_map()) == {"old.test", "first.test", "second.test"}
    again = fleet.change(FIRST, SECOND, drained)
    assert again.code == 0 and again.outcomes() == {"lb1": "unchanged", "lb2": "unchanged"}
    assert again.changed() == {"lb1": 0, "lb2": 0}


def test_haproxy_is_stopped(fleet: Fleet) -> None:
    """It is found before anything is changed; as many as possible keep it for the next start."""
    two = fleet.hosts[1]
    two.process.stop()
    truths = [exported(host) for host in fleet.hosts]
    done = fleet.change(FIRST)
    assert done.code != 0 and done.outcomes() == {"lb1": "not_tried", "lb2": "refused"}
    assert done.sides("lb1") == done.sides("lb2") == NONE
    assert "HAProxy does not run there" in done.report["lb2"]["message"]
    assert "lb2 could not follow" in done.report["lb1"]["message"]
    assert truths == [exported(host) for host in fleet.hosts]
    done = fleet.change(FIRST, fleet_all_or_nothing=False)
    assert done.code != 0 and done.sides("lb1") == ALL
    assert done.sides("lb2") == (True, False, False)
    two.process.start()
    assert set(two.runtime_map()) == {"old.test", "first.test"}


def test_read_only_folder(fleet: Fleet, mounts: Mounts) -> None:
    """The check finds a database that cannot be written to, but not a folder of files."""
    same = untouched(fleet)
    pools = fleet.hosts[1].base_dir / "conf/pools"
    mounts.read_only(pools)
    done = fleet.change(FIRST)
    assert done.code != 0 and done.outcomes() == {"lb1": "went_back", "lb2": "refused"}
    assert done.sides("lb1") == done.sides("lb2") == NONE
    assert "Read-only file system" in done.report["lb2"]["message"]
    assert same()
    done = fleet.change(FIRST, fleet_all_or_nothing=False)
    assert done.code != 0 and done.outcomes() == {"lb1": "done", "lb2": "refused"}
    assert "first.test" in fleet.hosts[0].runtime_map()
    assert "first.test" not in fleet.hosts[1].runtime_map()
    mounts.end()
    same = untouched(fleet)
    mounts.read_only(fleet.hosts[1].base_dir)
    done = fleet.change(SECOND)
    assert done.outcomes() == {"lb1": "not_tried", "lb2": "refused"}, done.output
    mounts.end()
    assert same()


def test_disk_full(haproxy_binary: Path, tmp_path: Path, mounts: Mounts) -> None:
    """A disk that fills up while the change is made."""
    mounts.small(tmp_path / "lb2/conf", "8m")
    fleet = Fleet(haproxy_binary, tmp_path, 2, pools=6, slots=3)
    servers = [{"ip": f"10.0.0.{n}"} for n in range(1, 4)]
    many = [{"domain": f"{'x' * 60}.{n}.test", "share_with": "old.test"} for n in range(5000)]
    fleet.start()
    try:
        for host in fleet.hosts:
            host.module("haproxy_domain", domain="old.test", servers=servers)
        fill(tmp_path / "lb2/conf", 400_000)
        same = untouched(fleet)
        done = fleet.change(("haproxy_domains", {"domains": many}))
        assert done.code != 0, done.output
        assert done.outcomes() == {"lb1": "went_back", "lb2": "refused"}
        assert "full" in done.report["lb2"]["message"] or "space" in done.report["lb2"]["message"]
        assert same()
        (tmp_path / "lb2/conf/ballast").unlink()
        assert fleet.change(FIRST).outcomes() == {"lb1": "done", "lb2": "done"}
    finally:
        fleet.stop()
