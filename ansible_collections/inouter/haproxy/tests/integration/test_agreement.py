# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode, idempotence, drift, a HAProxy that is down, and one that refuses."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]
Task = tuple[str, dict[str, Any]]
ONE, TWO = {"ip": "127.0.0.1", "http_port": 81}, {"ip": "127.0.0.2", "http_port": 82}

TASKS: list[Task] = [
    ("haproxy_domain", {"domain": "example.com", **ONE}),
    ("haproxy_domain", {"domain": "*.example.com", "servers": [ONE, {**TWO, "weight": 5}]}),
    ("haproxy_domain", {"domain": "www.test", "share_with": "example.com"}),
    ("haproxy_server", {"domain": "example.com", "ip": "2001:db8::1"}),
    ("haproxy_server", {"domain": "example.com", "slot": 1, "weight": 9, "state": "drain"}),
    ("haproxy_domain", {"domain": "example.com", "pool": "pool_9"}),
    ("haproxy_server", {"domain": "www.test", "slot": 2, "state": "absent"}),
    ("haproxy_domain", {"domain": "example.com", "ip": "127.0.0.9"}),
    ("haproxy_domain", {"domain": "*.example.com", "state": "absent"}),
    ("haproxy_domain", {"domain": "example.com", "state": "absent"}),
    ("haproxy_instance", {"pool_count": 21}),
]


def test_check_then_run_then_again(managed: Managed) -> None:
    """A check changes nothing and shows what the run then does; a second run does nothing."""
    for name, options in TASKS:
        before = managed.snapshot()
        checked = managed.check(name, **options)
        assert managed.snapshot() == before, (name, options)
        done = managed.module(name, **options)
        assert checked["diff"] == done["diff"] != []
        assert checked["changed"] and done["changed"]
        assert [done[key] for key in ("persisted", "applied", "verified")] == [True] * 3
        after = managed.snapshot()
        again = managed.module(name, **options)
        assert not again["changed"] and again["diff"] == [], (name, options)
        assert managed.snapshot() == after
        assert not managed.check("haproxy_state")["changed"]


def cut_line(path: Path) -> None:
    """Cut a file in the middle of its last line."""
    path.write_bytes(path.read_bytes()[:-5])


def drop(path: Path, text: str) -> None:
    """Remove the lines of a file that hold the text."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if text not in line))


DRIFTS: dict[str, Callable[[Managed], object]] = {
    "map entry removed": lambda m: m.ask(f"del map {m.map_path()} example.com"),
    "map entry changed": lambda m: m.ask(f"set map {m.map_path()} example.com pool_8"),
    "readdressed": lambda m: m.ask("set server pool_1/pool_1_1 addr 127.0.0.7 port 77"),
    "drained": lambda m: m.ask("set server pool_1/pool_1_1 state drain"),
    "reweighted": lambda m: m.ask("set server pool_1/pool_1_1 weight 77"),
    "free slot filled": lambda m: m.ask(
        "set server pool_1/pool_1_5 addr 127.0.0.7 port 77;set server pool_1/pool_1_5 state ready"
    ),
    "pool file edited": lambda m: drop(m.base_dir / "conf/pools/pool_1.cfg", "pool_1_1 "),
    "pool file removed": lambda m: (m.base_dir / "conf/pools/pool_1.cfg").unlink(),
    "map line removed": lambda m: drop(m.map_path(), "example.com"),
    "map cut": lambda m: cut_line(m.map_path()),
    "map file removed": lambda m: m.map_path().unlink(),
    "map line twice": lambda m: m.map_path().write_text(
        m.map_path().read_text() + "example.com pool_3\n"
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_repaired(managed: Managed, drift: str) -> None:
    """The same task again reports changed and repairs what was changed behind its back."""
    task = {"domain": "example.com", **ONE}
    managed.module("haproxy_domain", **task)
    managed.module("haproxy_domain", domain="other.test", **TWO)
    right = managed.snapshot()
    DRIFTS[drift](managed)
    assert managed.snapshot() != right
    checked = managed.check("haproxy_domain", **task)
    repaired = managed.module("haproxy_domain", **task)
    assert repaired["changed"] and repaired["verified"]
    assert checked["diff"] == repaired["diff"] != []
    assert managed.snapshot()[1:] == right[1:]
    assert not managed.module("haproxy_domain", **task)["changed"]


UNRELATED = {
    "unknown entry": lambda m: m.ask(f"add map {m.map_path()} foreign.test pool_2"),
    "entry twice": lambda m: m.ask(f"add map {m.map_path()} example.com pool_4"),
    "entry in the wrong map": lambda m: m.ask(
        f"add map {m.map_path('wildcards.map')} example.com pool_1"
    ),
    "foreign line": lambda m: m.map_path().write_text(m.map_path().read_text() + "a.test pool_2\n"),
}


@pytest.mark.parametrize("drift", [*DRIFTS, *UNRELATED])
def test_state_converges_everything(managed: Managed, drift: str) -> None:
    """`haproxy_state` finds what no task names, too."""
    managed.module("haproxy_domain", domain="example.com", **ONE)
    right = managed.snapshot()
    {**DRIFTS, **UNRELATED}[drift](managed)
    assert managed.check("haproxy_state")["differences"]
    assert managed.module("haproxy_state")["verified"]
    assert managed.snapshot()[1:] == right[1:]
    assert not managed.module("haproxy_state")["changed"]
    managed.process.reload()
    assert managed.snapshot()[1:] == right[1:]


def test_haproxy_down(managed: Managed, named_origins: Start) -> None:
    """The change is persisted, says that it was not applied, and holds when HAProxy is back."""
    (one,) = named_origins("one")
    managed.process.kill()
    done = managed.module("haproxy_domain", domain="example.com", **one)
    assert (done["changed"], done["persisted"], done["applied"]) == (True, True, False)
    assert not managed.module("haproxy_domain", domain="example.com", **one)["changed"]
    managed.start()
    assert managed.get("example.com").body == "one\n"
    again = managed.module("haproxy_domain", domain="example.com", **one)
    assert (again["changed"], again["applied"], again["verified"]) == (False, True, True)


@pytest.mark.haproxy("2.8", "3.0", "3.2")
def test_refusal_half_way(managed: Managed) -> None:
    """HAProxy takes some of the commands and refuses one: everything is as before."""
    managed.module("haproxy_domain", domain="example.com", **ONE)
    managed.ask("del server pool_1/pool_1_3")
    before = managed.truth_without_history(), *managed.snapshot()[1:]
    servers = [ONE, TWO, {"ip": "127.0.0.3"}, {"ip": "127.0.0.4"}]
    message = managed.fails("haproxy_server", domain="example.com", servers=servers)
    assert "No such server." in message
    assert (managed.truth_without_history(), *managed.snapshot()[1:]) == before


def test_unwritable_file(managed: Managed) -> None:
    """A file that cannot be written: HAProxy, the other files and the database go back."""
    managed.module("haproxy_domain", domain="example.com", **ONE)
    before = managed.truth_without_history(), *managed.snapshot()[1:]
    obstacle = Path(f"{managed.map_path()}.new")
    obstacle.mkdir()
    message = managed.fails("haproxy_domain", domain="new.test", **TWO)
    obstacle.rmdir()
    assert "domains.map.new" in message
    assert (managed.truth_without_history(), *managed.snapshot()[1:]) == before
    assert managed.module("haproxy_domain", domain="new.test", **TWO)["verified"]


@pytest.mark.haproxy("2.8", "3.0", "3.2")
def test_unloaded_pool(managed: Managed) -> None:
    """A pool that the running HAProxy does not have yet: refused until it is reloaded."""
    grown = managed.module("haproxy_instance", pool_count=22)
    assert grown["reload_needed"]
    task = {"domain": "example.com", "pool": "pool_22", **ONE}
    message = managed.fails("haproxy_domain", **task)
    assert "has no pool_22" in message and "state: reloaded" in message
    managed.module("haproxy_config", state="reloaded")
    assert managed.module("haproxy_domain", **task)["verified"]
    assert not managed.module("haproxy_instance", pool_count=22)["reload_needed"]
    assert "less than the 22 pools" in managed.fails("haproxy_instance", pool_count=5)


def test_all_connections_taken(managed: Managed) -> None:
    """HAProxy runs but nobody can talk to it: an error, and nothing changed."""
    before = managed.truth()
    with ExitStack() as held:
        for _number in range(64):
            connection = held.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(str(managed.process.admin))
            connection.sendall(b"prompt\n")
        assert "did not answer" in managed.fails("haproxy_domain", domain="example.com", **ONE)
    assert managed.truth() == before


def test_socket_not_permitted(managed: Managed) -> None:
    """A socket below the level admin is named as such."""
    message = managed.fails("haproxy_domain", domain="example.com", runtime_api="nonsense", **ONE)
    assert "runtime_api: 'nonsense'" in message
    assert os.path.exists(managed.process.admin)
