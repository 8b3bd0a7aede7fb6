# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of three hosts of which one is lost while a change is being made."""

from __future__ import annotations

import fcntl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from .lab import children
from .lab.fleet import Fleet, Run, ended, listed
from .lab.managed import Managed
from .lab.sshd import Sshd

pytestmark = [pytest.mark.haproxy("3.2"), pytest.mark.timeout(400)]
SERVER = {"ip": "10.0.0.1"}
CHANGE = ("haproxy_domain", {"domain": "first.test", **SERVER})
NONE = (False, False, False)


@pytest.fixture
def own_sshd(tmp_path: Path) -> Iterator[Sshd]:
    """Give an SSH server that nobody else uses."""
    server = Sshd(tmp_path / "sshd")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fleet(haproxy_binary: Path, tmp_path: Path, own_sshd: Sshd) -> Iterator[Fleet]:
    """Give three HAProxy hosts, of which the second is reached over SSH."""
    made = Fleet(haproxy_binary, tmp_path, 3, pools=6, slots=3)
    made.variables["lb2"].update(own_sshd.inventory_vars(), ansible_connection="ssh")
    made.start()
    yield made
    made.stop()


@contextmanager
def held_when(host: Managed, other: Managed) -> Iterator[None]:
    """Hold a host's lock from the moment at which the other one has its change."""
    before = generation(other)
    children.wait_until(lambda: generation(other) > before, 120, "the first host has the change")
    with (host.base_dir / "run/inouter.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def generation(host: Managed) -> int:
    """The newest generation of a host."""
    found = host.module("haproxy_state_info", gather=["history"], limit=1)["history"]
    return int(found[0]["generation"])


def one_by_one(fleet: Fleet) -> subprocess.Popen[str]:
    """Start the change, on one host after the other."""
    return fleet.popen("fleet_change", "--forks", "1", fleet_changes=listed([CHANGE]))


def assert_all_went_back(fleet: Fleet, done: Run) -> None:
    """Nothing of the change is left on any host, and each can be changed again."""
    assert done.code != 0, done.output
    assert [done.sides(name) for name in done.report] == [NONE] * 3, done.output
    assert [host.runtime_map() for host in fleet.hosts] == [{}] * 3
    heads = [h.module("haproxy_state_info", gather=["standing"]) for h in fleet.hosts]
    assert len({head["standing"]["lineage"][0] for head in heads}) == 1
    assert not any(host.check("haproxy_state")["changed"] for host in fleet.hosts)


def test_haproxy_stops(fleet: Fleet) -> None:
    """HAProxy of one host ends after the check: files and database of that host go back too."""
    one, two, _three = fleet.hosts
    run = one_by_one(fleet)
    with held_when(two, one):
        two.process.stop()
    done = ended(run)
    two.process.start()
    assert_all_went_back(fleet, done)
    assert done.outcomes() == {"lb1": "went_back", "lb2": "went_back", "lb3": "went_back"}
    assert "HAProxy does not run there" in done.report["lb2"]["message"]


def test_ssh_is_cut(fleet: Fleet, own_sshd: Sshd) -> None:
    """A connection that ends while the module waits: whether it goes on or not, all go back."""
    one, two, _three = fleet.hosts
    run = one_by_one(fleet)
    with held_when(two, one):
        children.wait_until(lambda: bool(waiting(two)), 60, "the module waits for the lock")
        cut(own_sshd)
        time.sleep(1)
        assert waiting(two)
    done = ended(run)
    assert_all_went_back(fleet, done)
    assert "could not be reached" in done.report["lb2"]["message"]
    assert done.outcomes()["lb1"] == done.outcomes()["lb3"] == "went_back"


def test_ssh_stays_away(fleet: Fleet, own_sshd: Sshd) -> None:
    """A host that does not come back is told apart from those that went back."""
    one, two, three = fleet.hosts
    run = fleet.popen(
        "fleet_change",
        "--forks",
        "1",
        fleet_changes=listed([CHANGE]),
        fleet_reconnect_timeout=5,
    )
    with held_when(two, one):
        children.wait_until(lambda: bool(waiting(two)), 60, "the module waits for the lock")
        own_sshd.stop()
    done = ended(run)
    assert done.outcomes() == {"lb1": "went_back", "lb2": "not_back", "lb3": "went_back"}
    assert done.sides("lb2") == (None, None, None)
    assert "fleet_converge" in done.report["lb2"]["message"]
    assert one.runtime_map() == three.runtime_map() == {}


def test_somebody_else_writes(fleet: Fleet) -> None:
    """What somebody else did to a host meanwhile is not undone, and that host is told apart."""
    one, two, three = fleet.hosts
    run = one_by_one(fleet)
    with held_when(two, one):
        one.module("haproxy_domain", domain="other.test", **SERVER)
        two.process.stop()
    done = ended(run)
    assert done.outcomes() == {"lb1": "not_back", "lb2": "went_back", "lb3": "went_back"}
    assert "Somebody else changed this host" in done.report["lb1"]["message"]
    assert set(one.runtime_map()) == {"first.test", "other.test"}
    assert three.runtime_map() == {}


def test_somebody_else_writes_first(fleet: Fleet) -> None:
    """A host that refused, for somebody had changed it, has nothing to take back."""
    one, two, three = fleet.hosts
    run = one_by_one(fleet)
    with held_at(run, "Check the change", two):
        one.module("haproxy_domain", domain="other.test", **SERVER)
    done = ended(run)
    assert done.outcomes() == {"lb1": "refused", "lb2": "went_back", "lb3": "went_back"}
    assert "somebody has changed it since" in done.report["lb1"]["message"]
    assert set(one.runtime_map()) == {"other.test"}
    assert two.runtime_map() == three.runtime_map() == {}


def test_somebody_else_writes_where_nothing_was_to_do(fleet: Fleet) -> None:
    """A host that was as asked for already has nothing to take back."""
    for host in fleet.hosts:
        host.module("haproxy_domain", domain="first.test", pool="pool_1", **SERVER)
    one, two, _three = fleet.hosts
    run = one_by_one(fleet)
    with held_at(run, "Make the change", two):
        one.module("haproxy_domain", domain="other.test", **SERVER)
        two.process.stop()
    done = ended(run)
    assert done.outcomes() == {"lb1": "not_tried", "lb2": "refused", "lb3": "not_tried"}
    assert "Nothing was changed." in done.report["lb1"]["message"]
    assert set(one.runtime_map()) == {"first.test", "other.test"}


@contextmanager
def held_at(run: subprocess.Popen[str], task: str, host: Managed) -> Iterator[None]:
    """Hold a host's lock once this task waits for it, after the hosts before have done it."""
    assert run.stdout
    assert any(f" : {task}]" in line for line in run.stdout), task
    with (host.base_dir / "run/inouter.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        children.wait_until(lambda: bool(waiting(host)), 60, "the task waits for the lock")
        yield


def waiting(host: Managed) -> list[int]:
    """The processes on this machine that have a host's lock open."""
    lock = str(host.base_dir / "run/inouter.lock")
    me = psutil.Process().pid
    return [p.pid for p in psutil.process_iter() if p.pid != me and lock in files_of(p)]


def files_of(process: psutil.Process) -> list[str]:
    """The files that a process has open."""
    try:
        return [file.path for file in process.open_files()]
    except psutil.Error:
        return []


def cut(sshd: Sshd) -> None:
    """End the server's sessions, and leave what runs in them alone."""
    for process in sshd.sessions():
        process.kill()
