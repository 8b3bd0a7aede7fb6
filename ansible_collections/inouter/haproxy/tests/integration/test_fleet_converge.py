# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that was down comes to serve what its peers serve, from one that is healthy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.fleet import LOCAL, Fleet
from .lab.pki import Authority
from .lab.secured import Secured

pytestmark = [pytest.mark.haproxy("3.2"), pytest.mark.timeout(400)]
SERVER = {"ip": "10.0.0.1"}


@pytest.fixture
def fleet(haproxy_binary: Path, tmp_path: Path) -> Iterator[Fleet]:
    """Give two HAProxy hosts that serve HTTPS, and one domain."""
    made = Fleet(haproxy_binary, tmp_path, 2, kind=Secured, pools=6, slots=3)
    for host in made.hosts:
        host.module("haproxy_domain", domain="old.test", **SERVER)
    yield made
    made.stop()


def domain(name: str) -> tuple[str, dict[str, Any]]:
    """A change that adds a domain."""
    return "haproxy_domain", {"domain": name, **SERVER}


def test_host_that_was_down(fleet: Fleet, authority: Authority) -> None:
    """It takes domains, certificates and pools from its peer, and only what it lacks."""
    one, two = fleet.hosts
    fleet.variables["lb2"] = {**LOCAL, "ansible_connection": "ssh", "ansible_host": "127.0.0.1"}
    fleet.variables["lb2"]["ansible_port"] = 1
    pem = authority.issue("new.test")
    changes = [domain("new.test"), ("haproxy_cert", {"content": pem.combined})]
    done = fleet.change(*changes)
    assert done.outcomes() == {"lb1": "not_tried", "lb2": "unreachable"}
    assert one.runtime_map() == two.runtime_map()
    done = fleet.change(*changes, fleet_all_or_nothing=False)
    assert done.code != 0 and done.outcomes() == {"lb1": "done", "lb2": "unreachable"}
    assert pem.key not in done.output
    lonely = fleet.run("fleet_converge")
    assert lonely.outcomes() == {"lb1": "right", "lb2": "unreachable"}
    fleet.variables["lb2"] = {**LOCAL, "haproxy_base_dir": str(two.base_dir)}
    refused = fleet.change(domain("more.test"))
    assert refused.outcomes() == {"lb1": "not_tried", "lb2": "refused"}
    assert "fleet_converge" in refused.report["lb2"]["message"]
    checked = fleet.run("fleet_converge", "--check")
    assert checked.code == 0 and "new.test" not in two.runtime_map(), checked.output
    assert checked.outcomes() == {"lb1": "right", "lb2": "would_catch_up"}
    before = one.truth()
    done = fleet.run("fleet_converge")
    assert done.code == 0 and done.outcomes() == {"lb1": "right", "lb2": "caught_up"}
    assert done.changed() == {"lb1": 0, "lb2": 1}
    assert done.sides("lb2") == (True, True, True)
    assert one.truth() == before and one.runtime_map() == two.runtime_map()
    assert isinstance(two, Secured) and two.served("new.test") == pem.fingerprint
    again = fleet.run("fleet_converge")
    assert again.outcomes() == {"lb1": "right", "lb2": "same"}
    assert again.changed() == {"lb1": 0, "lb2": 0}
    assert not list(fleet.folder.glob("lb?/data/fleet")) + list(fleet.folder.glob("lb?/data/*.gz"))
    assert fleet.change(domain("more.test")).code == 0


def test_nobody_knows_who_is_right(fleet: Fleet) -> None:
    """Where both were changed apart from each other, somebody has to say which one is right."""
    one, two = fleet.hosts
    one.module("haproxy_domain", domain="one.test", **SERVER)
    two.module("haproxy_domain", domain="two.test", **SERVER)
    asked = fleet.run("fleet_converge")
    assert asked.code != 0 and "set fleet_source to the one that is right" in asked.output
    assert set(one.runtime_map()) == {"old.test", "one.test"}
    wrong = fleet.run("fleet_converge", fleet_source="lb7")
    assert "lb7 is not one of the hosts lb1, lb2" in wrong.output
    one.process.stop()
    stopped = fleet.run("fleet_converge", fleet_source="lb1")
    assert "lb1 is not healthy: HAProxy does not run there" in stopped.output
    told = fleet.run("fleet_converge", fleet_source="lb2")
    assert told.outcomes() == {"lb1": "caught_up", "lb2": "right"}
    assert told.sides("lb1") == (True, False, False)
    one.process.start()
    assert set(one.runtime_map()) == set(two.runtime_map()) == {"old.test", "two.test"}


def test_changed_by_hand(fleet: Fleet) -> None:
    """A HAProxy that differs from its database is put right, and nobody takes from it."""
    one, two = fleet.hosts
    fleet.change(domain("new.test"))
    one.ask(f"del map {one.map_path()} new.test")
    done = fleet.run("fleet_converge")
    assert done.code == 0 and done.outcomes() == {"lb1": "caught_up", "lb2": "right"}
    assert one.runtime_map() == two.runtime_map()


def test_new_host(fleet: Fleet, haproxy_binary: Path) -> None:
    """A host that has never served anything takes all from its peers."""
    third = Secured(haproxy_binary, fleet.folder / "lb3", pools=6, slots=3)
    fleet.hosts.append(third)
    fleet.variables["lb3"] = {**LOCAL, "haproxy_base_dir": str(third.base_dir)}
    done = fleet.run("fleet_converge")
    assert done.outcomes() == {"lb1": "right", "lb2": "same", "lb3": "caught_up"}
    assert third.runtime_map() == fleet.hosts[0].runtime_map()
