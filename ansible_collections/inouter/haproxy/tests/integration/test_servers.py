# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of a domain: slots, weights, states, health and draining."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from .lab import ports
from .lab.children import wait_until
from .lab.http import KeepAlive, get
from .lab.managed import Managed
from .lab.origins import SlowOrigin

Start = Callable[..., list[dict[str, Any]]]


def answers(managed: Managed, host: str, count: int = 40) -> Counter[str]:
    """Who answers so many requests; failures count under their status."""
    found = [managed.get(host) for _number in range(count)]
    return Counter(a.body.strip() if a.status == 200 else str(a.status) for a in found)


def wait_up(managed: Managed, name: str) -> None:
    """Wait until HAProxy uses a server."""
    wait_until(lambda: status(managed, name) == "UP", 10, f"{name} is up")


def status(managed: Managed, name: str) -> str:
    """What HAProxy says of a server."""
    return managed.slot(name)["status"]


def test_slots_and_bulk(managed: Managed, named_origins: Start) -> None:
    """A slot of one's choice, the next free one, and a list in one call and one connection."""
    servers = named_origins(*(f"s{n}" for n in range(10)))
    managed.module("haproxy_domain", domain="example.com", **servers[0])
    third = managed.module("haproxy_server", domain="example.com", slot=3, **servers[1])
    auto = managed.module("haproxy_server", domain="example.com", slot=0, **servers[2])
    assert [s["slot"] for s in third["servers"]] == [1, 3]
    assert [s["slot"] for s in auto["servers"]] == [1, 2, 3]
    full = managed.module("haproxy_server", domain="example.com", servers=servers)
    assert [s["slot"] for s in full["servers"]] == [*range(1, 11)]
    for server in full["servers"]:
        wait_up(managed, server["name"])
    assert set(answers(managed, "example.com")) == {f"s{n}" for n in range(10)}
    eleventh = {"ip": "127.0.0.1", "http_port": 1}
    message = managed.fails("haproxy_server", domain="example.com", **eleventh)
    assert "no free slot" in message


def test_weight(managed: Managed, named_origins: Start) -> None:
    """Weights share the requests out; weight 0 takes none."""
    one, two = named_origins("one", "two")
    servers = [{**one, "weight": 3}, {**two, "weight": 1}]
    managed.module("haproxy_domain", domain="example.com", servers=servers)
    assert answers(managed, "example.com") == {"one": 30, "two": 10}
    managed.module("haproxy_server", domain="example.com", slot=1, weight=0)
    assert answers(managed, "example.com") == {"two": 40}
    assert not managed.module("haproxy_server", domain="example.com", slot=1, weight=0)["changed"]


def test_states(managed: Managed, named_origins: Start) -> None:
    """Ready, drain and maint of one server and of all, each kept over a restart."""
    managed.module("haproxy_domain", domain="example.com", servers=named_origins("one", "two"))
    for state in ("drain", "maint"):
        managed.module("haproxy_server", domain="example.com", slot=1, state=state)
        assert set(answers(managed, "example.com", 10)) == {"two"}
        managed.process.kill()
        managed.start()
        assert set(answers(managed, "example.com", 10)) == {"two"}
        again = managed.module("haproxy_server", domain="example.com", slot=1, state=state)
        assert not again["changed"]
    managed.module("haproxy_server", domain="example.com", state="maint")
    assert managed.get("example.com").status == 503
    managed.module("haproxy_server", domain="example.com", state="ready")
    assert managed.get("example.com").status == 200


def test_drain_after_restart_becomes_ready_with_its_weight(
    managed: Managed, named_origins: Start
) -> None:
    """The pool file says weight 0 for drain; the truth keeps the weight."""
    one, two = named_origins("one", "two")
    servers = [{**one, "weight": 3, "state": "drain"}, {**two, "weight": 1}]
    managed.module("haproxy_domain", domain="example.com", servers=servers)
    managed.process.kill()
    managed.start()
    managed.module("haproxy_server", domain="example.com", slot=1, state="ready")
    assert answers(managed, "example.com") == {"one": 30, "two": 10}


def test_new_server_waits_for_its_first_good_check(managed: Managed, named_origins: Start) -> None:
    """A dead server that joins a healthy one costs no request, and comes up when it lives."""
    (one,) = named_origins("one")
    managed.module("haproxy_domain", domain="example.com", **one)
    wait_up(managed, "pool_1_1")
    late = SlowOrigin(0, "late\n")
    ip, port = late.address
    with KeepAlive(managed.http) as connection:
        managed.module("haproxy_server", domain="example.com", ip=ip, http_port=port + 0)
        late.start()
        wait_up(managed, "pool_1_2")
        found = {connection.get("example.com").body for _number in range(10)}
    late.stop()
    assert found == {"one\n", "late\n"}


def test_dead_server_of_several_costs_no_request(managed: Managed, named_origins: Start) -> None:
    """Joined later, given from the start, or dying in between: every request is answered."""
    one, two = named_origins("one", "two")
    dead = {"ip": ports.loopback(), "http_port": ports.free_ports(1)[0]}
    managed.module("haproxy_domain", domain="start.test", servers=[dead, one])
    assert answers(managed, "start.test", 60) == {"one": 60}
    managed.module("haproxy_domain", domain="example.com", **two)
    managed.module("haproxy_server", domain="example.com", **dead)
    assert status(managed, "pool_2_2") == "DOWN"
    assert answers(managed, "example.com", 60) == {"two": 60}
    health = managed.module("haproxy_health_info", domain="example.com")
    assert (health["status"], health["healthy_count"], health["total_count"]) == ("degraded", 1, 2)


def test_only_server_serves_at_once(managed: Managed, named_origins: Start) -> None:
    """A new domain, and a pool whose other server is dead, do not wait for a check."""
    (one,) = named_origins("one")
    dead = {"ip": ports.loopback(), "http_port": ports.free_ports(1)[0]}
    managed.module("haproxy_domain", domain="example.com", **dead)
    wait_until(lambda: status(managed, "pool_1_1") == "DOWN", 15, "the dead server is down")
    managed.module("haproxy_server", domain="example.com", **one)
    assert answers(managed, "example.com", 20) == {"one": 20}


def test_wait_drain_waits_for_requests_under_way(managed: Managed) -> None:
    """Removal waits for the slow request, which gets its answer."""
    slow = SlowOrigin(1.5)
    slow.start()
    ip, port = slow.address
    managed.module("haproxy_domain", domain="example.com", ip=ip, http_port=port)
    managed.module("haproxy_server", domain="example.com", slot=2, ip="127.0.0.1", http_port=1)
    found = []
    thread = threading.Thread(target=lambda: found.append(get(managed.http, "example.com")))
    thread.start()
    wait_until(lambda: slow.requests == 1, 5, "the request is under way")
    waits = {"wait_drain": True, "drain_timeout": 20}
    removed = managed.module(
        "haproxy_server", domain="example.com", slot=1, state="absent", **waits
    )
    thread.join(0.5)
    slow.stop()
    assert [answer.body for answer in found] == ["slow\n"]
    assert removed["changed"] and [s["slot"] for s in removed["servers"]] == [2]


def test_wait_drain_gives_up_in_time(managed: Managed) -> None:
    """After the timeout the task fails and the server stays in drain."""
    slow = SlowOrigin(4)
    slow.start()
    ip, port = slow.address
    managed.module("haproxy_domain", domain="example.com", ip=ip, http_port=port)
    thread = threading.Thread(target=lambda: get(managed.http, "example.com", timeout=10))
    thread.start()
    wait_until(lambda: slow.requests == 1, 5, "the request is under way")
    options = {"domain": "example.com", "slot": 1, "wait_drain": True, "drain_timeout": 1}
    message = managed.fails("haproxy_server", state="maint", **options)
    assert "pool_1_1: 1" in message and "drain" in message
    rows = managed.module("haproxy_server_info", domain="example.com")["servers"]
    assert rows[0]["state"] == "drain"
    thread.join()
    slow.stop()


def test_wait_drain_never_hangs(managed: Managed, named_origins: Start) -> None:
    """Nothing connected, a dead server, a server that is up, HAProxy stopped: all end at once."""
    (one,) = named_origins("one")
    dead = {"ip": ports.loopback(), "http_port": ports.free_ports(1)[0]}
    managed.module("haproxy_domain", domain="example.com", servers=[one, dead])
    began = time.monotonic()
    for slot, state in ((1, "drain"), (2, "drain"), (1, "ready"), (2, "maint"), (1, "present")):
        options = {"slot": slot, "state": state, "wait_drain": True}
        managed.module("haproxy_server", domain="example.com", **options)
    managed.process.kill()
    managed.module("haproxy_server", domain="example.com", state="drain", wait_drain=True)
    assert time.monotonic() - began < 30


def test_unusual_addresses(managed: Managed) -> None:
    """IPv6 in the forms that HAProxy and Python write differently, read back without a fight."""
    ips = ["::1.2.3.4", "::ffff:10.0.0.1", "2001:DB8:0:0:0:0:0:1", "64:ff9b::1.2.3.4"]
    servers = [{"ip": ip} for ip in ips]
    done = managed.module("haproxy_domain", domain="example.com", servers=servers)
    assert done["verified"]
    assert not managed.module("haproxy_domain", domain="example.com", servers=servers)["changed"]
    managed.process.kill()
    managed.start()
    assert not managed.check("haproxy_state")["changed"]


def test_prune_and_removal(managed: Managed, named_origins: Start) -> None:
    """`prune` leaves what is named; a server is removed by slot or by address."""
    one, two, three = named_origins("one", "two", "three")
    managed.module("haproxy_domain", domain="example.com", servers=[one, two, three])
    left = managed.module("haproxy_domain", domain="example.com", servers=[two], prune=True)
    assert [(s["slot"], s["ip"], s["http_port"]) for s in left["servers"]] == [
        (2, two["ip"], two["http_port"])
    ]
    managed.module("haproxy_domain", domain="example.com", servers=[], prune=True)
    managed.module("haproxy_server", domain="example.com", slot=2, **two)
    gone = managed.module("haproxy_server", domain="example.com", state="absent", **two)
    assert gone["servers"] == []
    assert managed.module("haproxy_health_info", domain="example.com")["status"] == "no_servers"
    assert not managed.module("haproxy_server", domain="example.com", state="absent", slot=2)[
        "changed"
    ]
