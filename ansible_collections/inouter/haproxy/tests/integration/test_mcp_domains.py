# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools for domains and servers, over real SSH, with their effect seen at HAProxy."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from .lab.children import wait_until
from .lab.http import Answer
from .lab.mcp import ToolFailed
from .lab.mcp_site import McpSite

pytestmark = [
    pytest.mark.haproxy("3.4"),
    pytest.mark.xdist_group("mcp-domains"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def domain(site: McpSite) -> Iterator[str]:
    """Give a domain with one server, and take it away afterwards."""
    site.managed.module("haproxy_domain", domain="d.test", **site.origin("one"))
    yield "d.test"
    site.managed.module("haproxy_domain", domain="d.test", state="absent")


def test_domains(site: McpSite) -> None:
    """Added, shared, with a wildcard, listed in pages, removed: and served, or not."""
    site.changed("haproxy_add_domain", domain="a.test", **site.origin("one"))
    site.changed("haproxy_add_domain", domain="www.a.test", share_with="a.test")
    site.changed("haproxy_add_domain", domain="*.a.test", **site.origin("two"))
    found = [site.get(host) for host in ("a.test", "www.a.test", "x.a.test")]
    assert found == [Answer(200, "one\n"), Answer(200, "one\n"), Answer(200, "two\n")]
    again = site.ok("haproxy_add_domain", domain="a.test", **site.origin("one"))
    assert not again["changed"] and again["verified"]
    listed = site.ok("haproxy_list_domains")
    assert [d["domain"] for d in listed["domains"]] == ["a.test", "www.a.test"]
    first = site.ok("haproxy_list_domains", include_wildcards=True, limit=2)
    assert (first["total"], first["next_cursor"]) == (3, "a.test")
    rest = site.ok("haproxy_list_domains", include_wildcards=True, cursor=first["next_cursor"])
    names = [d["domain"] for d in first["domains"] + rest["domains"]]
    assert names == ["*.a.test", "a.test", "www.a.test"] and rest["next_cursor"] is None
    moved = {"domain": "*.a.test", "share_with": "a.test"}
    with pytest.raises(ToolFailed, match="is served already, from pool_2 with 1 servers"):
        site.server.call("haproxy_add_domain", **moved)
    assert site.get("x.a.test").body == "two\n"
    assert not site.ok("haproxy_add_domain", domain="www.a.test", share_with="a.test")["changed"]
    for name in names:
        site.changed("haproxy_remove_domain", domain=name, confirm=True)
    assert [site.get(host).status for host in ("a.test", "www.a.test", "x.a.test")] == [404] * 3
    assert not site.ok("haproxy_remove_domain", domain="a.test", confirm=True)["changed"]


def test_servers(site: McpSite, domain: str) -> None:
    """Added one by one and many at once, listed, removed."""
    added = site.changed("haproxy_add_server", domain=domain, **site.origin("two"))
    name = added["details"]["servers"][1]["name"]
    wait_until(lambda: site.slot(name)["status"] == "UP", 15, "the new server is up")
    assert {site.get(domain).body for _n in range(6)} == {"one\n", "two\n"}
    many = [{**site.origin("three"), "slot": 7, "weight": 5}]
    site.changed("haproxy_add_servers", domain=domain, servers=many)
    listed = site.ok("haproxy_list_servers", domain=domain)
    assert [s["slot"] for s in listed["servers"]] == [1, 2, 7]
    assert listed["free_slots"] == [3, 4, 5, 6, 8, 9, 10]
    assert listed["servers"][2]["weight"] == 5
    assert site.slot(f"{listed['pool']}_7")["weight"] == "5"
    for slot in (1, 2):
        site.changed("haproxy_remove_server", domain=domain, slot=slot, confirm=True)
    wait_until(lambda: site.get(domain) == Answer(200, "three\n"), 15, "the last one serves")
    assert site.slot(f"{listed['pool']}_1")["status"].startswith("MAINT")


def test_servers_as_text(site: McpSite, domain: str) -> None:
    """Clients of the old server send the list as JSON text; bounds hold for it, too."""
    text = '[{"slot": 3, "ip": "127.0.0.3", "http_port": 81}, {"ip": "2001:db8::1"}]'
    added = site.changed("haproxy_add_servers", domain=domain, servers=text)
    assert [s["ip"] for s in added["details"]["servers"]][1:] == ["2001:db8::1", "127.0.0.3"]
    for servers, words in (
        ([{"ip": f"127.0.1.{n}"} for n in range(11)], "at most 10"),
        ("[" + " " * 10240 + "]", "10 KB is the most"),
        ([], "at least 1"),
        ([{"ip": "127.0.0.9", "port": 1}], "servers.0.port: there is no such argument"),
    ):
        with pytest.raises(ToolFailed, match=words):
            site.server.call("haproxy_add_servers", domain=domain, servers=servers)
    assert len(site.ok("haproxy_list_servers", domain=domain)["servers"]) == 3


def test_state_and_weight(site: McpSite, domain: str) -> None:
    """State and weight of one server, and the state of all."""
    pool = site.ok("haproxy_list_servers", domain=domain)["pool"]
    name = f"{pool}_1"
    site.changed("haproxy_set_server_weight", domain=domain, slot=1, weight=17, confirm=True)
    assert site.slot(name)["weight"] == "17"
    drain = {"domain": domain, "slot": 1, "state": "drain", "confirm": True}
    site.changed("haproxy_set_server_state", **drain)
    assert site.slot(name)["status"].startswith("DRAIN") and site.get(domain).status == 503
    assert not site.ok("haproxy_set_server_state", **drain)["changed"]
    site.changed("haproxy_set_domain_state", domain=domain, state="maint", confirm=True)
    assert site.slot(name)["status"].startswith("MAINT")
    site.changed("haproxy_set_domain_state", domain=domain, state="ready", confirm=True)
    wait_until(lambda: site.get(domain) == Answer(200, "one\n"), 15, "it serves again")
    assert site.slot(name)["weight"] == "17"


def test_wait_drain(site: McpSite, domain: str) -> None:
    """It ends at once where nothing is under way, and tells which server is not in drain."""
    with pytest.raises(ToolFailed, match="No server of d.test is in drain.*state=drain first"):
        site.server.call("haproxy_wait_drain", domain=domain)
    with pytest.raises(ToolFailed, match="The server in slot 1 of d.test is not in drain"):
        site.server.call("haproxy_wait_drain", domain=domain, slot=1)
    site.changed("haproxy_set_domain_state", domain=domain, state="drain", confirm=True)
    began = time.monotonic()
    drained = site.ok("haproxy_wait_drain", domain=domain, timeout=30)
    assert drained["drained"] and time.monotonic() - began < 10


def test_dry_run_and_plan(site: McpSite, domain: str) -> None:
    """A plan changes nothing, is applied as it was shown, and only while nothing has changed."""
    wish = {"domain": domain, "ip": "127.0.0.4", "slot": 4}
    before = site.managed.snapshot()
    planned = site.server.call("haproxy_add_server", **wish, dry_run=True)
    shown = planned["hosts"][0]["diff"]
    assert site.managed.files() == before[1] and site.managed.runtime() == before[2]
    assert planned["changed"] and any("127.0.0.4:80" in part["after"] for part in shown)
    done = site.changed("haproxy_add_server", **wish, plan_id=planned["plan_id"])
    assert done["diff"] == shown
    more = {"domain": domain, "ip": "127.0.0.5", "slot": 5}
    stale = site.server.call("haproxy_add_server", **more, dry_run=True)
    site.managed.module("haproxy_server", domain=domain, slot=1, weight=9)
    with pytest.raises(ToolFailed, match="is not the plan any more.*with dry_run=true"):
        site.server.call("haproxy_add_server", **more, plan_id=stale["plan_id"])
    other = site.server.call("haproxy_add_server", **more, dry_run=True)
    site.managed.ask(f"set server {done['details']['pool']}/{done['details']['pool']}_4 weight 3")
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        site.server.call("haproxy_add_server", **more, plan_id=other["plan_id"])


def test_errors_say_what_to_do(site: McpSite, domain: str) -> None:
    """What, why, what is allowed, and the tool to call next."""
    for tool, arguments, words in (
        ("haproxy_list_servers", {"domain": "no.test"}, "no.test.*Call haproxy_list_domains"),
        ("haproxy_add_server", {"domain": "no.test", "ip": "127.0.0.1"}, "haproxy_add_domain"),
        ("haproxy_add_domain", {"domain": "new.test"}, "would have no server: give ip"),
        ("haproxy_add_domain", {"domain": "-.test", "ip": "127.0.0.1"}, "is not a domain"),
        ("haproxy_add_domain", {"domain": "n.test", "ip": "0.0.0.0"}, "ip: '0.0.0.0' is not"),
        ("haproxy_add_server", {"domain": domain, "ip": "127.0.0.1", "slot": "1"}, "slot: Input"),
        ("haproxy_set_server_weight", {"domain": domain, "slot": 9, "weight": 1}, "list_servers"),
        ("haproxy_add_server", {"domian": domain}, "domian: there is no such argument"),
        ("haproxy_list_domains", {"target": "lb9"}, "'lb9' is not in the inventory. Hosts: lb1"),
    ):
        confirm = {"confirm": True} if tool == "haproxy_set_server_weight" else {}
        with pytest.raises(ToolFailed, match=words):
            site.server.call(tool, **arguments, **confirm)


def test_dry_run_of_what_cannot_be(site: McpSite) -> None:
    """A playbook's check goes on where a domain is missing; a call's check says so."""
    with pytest.raises(ToolFailed, match="'no.test' is not a domain of this instance"):
        site.server.call("haproxy_add_server", domain="no.test", ip="127.0.0.1", dry_run=True)
    with pytest.raises(ToolFailed, match="'no.test' is not a domain of this instance"):
        site.server.call("haproxy_add_domain", domain="b.test", share_with="no.test", dry_run=True)
