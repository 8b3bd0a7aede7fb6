# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that read: the same answers as the info modules, and a connection that comes back."""

from __future__ import annotations

import json
import re
from typing import Any

import psutil
import pytest

from .lab.children import wait_until
from .lab.mcp import ToolFailed
from .lab.mcp_site import McpSite
from .lab.pki import Authority

pytestmark = [
    pytest.mark.haproxy("2.8", "3.4"),
    pytest.mark.xdist_group("mcp-reads"),
    pytest.mark.timeout(300),
]
# What time alone changes between two looks.
PASSING = ("lastchg", "check_duration", "downtime", "rate", "conn_rate", "req_rate")


@pytest.fixture(scope="module")
def site(site: McpSite) -> McpSite:
    """Give a server with its host, two domains and a certificate."""
    one, two = site.origin("one"), site.origin("two")
    site.managed.module("haproxy_domain", domain="a.test", servers=[one, two])
    site.managed.module("haproxy_domain", domain="*.b.test", ip="127.0.0.9")
    site.managed.module("haproxy_cert", content=Authority().issue("a.test").combined)
    wait_until(lambda: site.slot("pool_2_1")["status"] == "DOWN", 15, "a check has failed")
    wait_until(lambda: site.slot("pool_1_2")["status"] == "UP", 15, "the second server is up")
    return site


def info(site: McpSite, module: str, **options: Any) -> dict[str, Any]:
    """What an info module returns, without what belongs to Ansible."""
    found = site.managed.module(module, **options)
    return {name: value for name, value in found.items() if name not in ("changed", "invocation")}


def test_domains_and_servers(site: McpSite) -> None:
    """As haproxy_domain_info and haproxy_server_info return them."""
    answer = site.ok("haproxy_list_domains", include_wildcards=True)
    assert answer["domains"] == info(site, "haproxy_domain_info")["domains"] != []
    answer = site.ok("haproxy_list_servers", domain="a.test")
    assert answer == {"host": "lb1", **info(site, "haproxy_server_info", domain="a.test")}


def test_health(site: McpSite) -> None:
    """As haproxy_health_info returns it, and what the server knows of itself."""
    wait_until(lambda: "INFO inouter.haproxy.site: lb1" in site.server.log, 30, "it converged")
    answer = site.ok("haproxy_health")
    own = answer["components"].pop("mcp")
    expected = info(site, "haproxy_health_info")
    for found in (answer, expected):
        assert found["components"]["haproxy"].pop("uptime_sec") >= 0
    assert answer == {"host": "lb1", **expected}
    assert own["status"] == "ok" and "agrees with its database" in own["at_start"]
    for domain, status in (("a.test", "healthy"), ("*.b.test", "down")):
        answer = site.ok("haproxy_domain_health", domain=domain)
        assert answer["status"] == status
        assert answer == {"host": "lb1", **info(site, "haproxy_health_info", domain=domain)}


def test_statistics(site: McpSite) -> None:
    """As haproxy_stats_info returns them: each section, whole or in part."""
    expected = info(site, "haproxy_stats_info")
    for section in ("frontends", "backends", "servers"):
        answer = site.ok("haproxy_stats", section=section, limit=1000)
        assert answer["total"] == len(answer["rows"]) == len(expected[section])
        for row, own in zip(answer["rows"], expected[section], strict=True):
            assert lasting(row) == lasting(own), set(row.items()) ^ set(own.items())
    (process,) = site.ok("haproxy_stats")["rows"]
    assert set(process) == set(expected["process"]) and process["Pid"] == site.worker()
    first = site.ok("haproxy_stats", section="servers", limit=2, fields=["svname"])
    rest = site.ok("haproxy_stats", section="servers", cursor=first["next_cursor"])
    names = [row["svname"] for row in first["rows"] + rest["rows"]]
    assert names == [row["svname"] for row in expected["servers"]]
    with pytest.raises(ToolFailed, match="fields: 'x' is no field.*pxname"):
        site.server.call("haproxy_stats", section="servers", fields=["x"])


def lasting(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what time alone changes."""
    return {name: value for name, value in row.items() if name not in PASSING}


def test_monitoring(site: McpSite) -> None:
    """Backends, frontends, servers and connections: the same rows, only shorter."""
    expected = info(site, "haproxy_stats_info")
    for tool, section in (
        ("haproxy_backends", "backends"),
        ("haproxy_list_frontends", "frontends"),
    ):
        rows = site.ok(tool)["rows"]
        assert rows == [{name: row[name] for name in rows[0]} for row in expected[section]]
    servers = site.ok("haproxy_get_server_health")["rows"]
    assert [(s["svname"], s["status"]) for s in servers] == [
        ("pool_1_1", "UP"),
        ("pool_1_2", "UP"),
        ("pool_2_1", "DOWN"),
    ]
    (one,) = site.ok("haproxy_get_server_health", domain="*.b.test")["rows"]
    assert lasting(one) == lasting(servers[2]) and "refused" in one["last_chk"]
    assert site.ok("haproxy_get_connections")["connections"] == expected["connections"]
    (backend,) = site.ok("haproxy_backends", domain="a.test")["rows"]
    assert (backend["pxname"], backend["status"]) == ("pool_1", "UP")


def test_certificates(site: McpSite) -> None:
    """As haproxy_cert_info returns them: by name, by a domain, by days left."""
    expected = info(site, "haproxy_cert_info")["certificates"]
    assert site.ok("haproxy_list_certs")["certificates"] == expected != []
    assert site.ok("haproxy_cert_info", name="a.test")["certificates"] == expected
    assert site.ok("haproxy_cert_info", name="no.test")["certificates"] == []
    assert site.ok("haproxy_list_certs", expiring_within=1)["total"] == 0
    assert site.ok("haproxy_list_certs", expiring_within=10000)["total"] == 1


def test_state(site: McpSite) -> None:
    """As haproxy_state_info returns it: what differs, what was changed, and all that is served."""
    pool = site.ok("haproxy_list_servers", domain="a.test")["pool"]
    site.managed.ask(f"set server {pool}/{pool}_2 weight 3")
    expected = info(site, "haproxy_state_info", gather=["drift", "history", "export"])
    site.managed.ask(f"set server {pool}/{pool}_2 weight 1")
    assert site.ok("haproxy_drift")["converged"] and not expected["drift"]["converged"]
    site.managed.ask(f"set server {pool}/{pool}_2 weight 3")
    drift = site.ok("haproxy_drift")
    site.managed.ask(f"set server {pool}/{pool}_2 weight 1")
    paging = {"host": "lb1", "next_cursor": None}
    assert drift == {**paging, **expected["drift"], "total": 1}
    generation = expected["drift"]["generation"]
    export = site.ok("haproxy_export")
    assert export == {**paging, **expected["export"], "generation": generation, "total": 3}
    assert len(export["certificates"]) == 1 and "PRIVATE" not in str(export)
    history = site.ok("haproxy_history", limit=1000)
    assert history["total"] == len(history["changes"]) == len(expected["history"]) >= 4
    assert all(row.pop("left_out") == 0 for row in history["changes"])
    assert history["changes"] == expected["history"]
    resource = site.server.with_client(lambda c: c.read_resource("haproxy://history"))
    (whole,) = json.loads(resource.contents[0].model_dump()["text"])
    assert site.ok("haproxy_history", section="calls", limit=50)["calls"] == whole["calls"]
    assert whole["changes"] == expected["history"]


def test_configuration_check(site: McpSite) -> None:
    """Valid, and HAProxy's own words where it is not."""
    good_one = site.ok("haproxy_check_config")
    # HAProxy 2.8 praises a good configuration.
    assert good_one.pop("output") in ("", "Configuration file is valid")
    assert good_one == {"host": "lb1", "valid": True}
    config = site.managed.base_dir / "conf/haproxy.cfg"
    good = config.read_text()
    config.write_text(good + "\nnonsense here\n")
    try:
        bad = site.ok("haproxy_check_config")
        assert not bad["valid"] and "nonsense" in bad["output"]
        expected = site.managed.fails("haproxy_config")
        assert re.sub(r"\(\d+\)", "", expected).endswith(re.sub(r"\(\d+\)", "", bad["output"]))
    finally:
        config.write_text(good)


def responder(site: McpSite) -> psutil.Process:
    """The process that answers on the host."""
    (found,) = [p for p in site.sshd.logins() if _answers(p)]
    return found


def _answers(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return "python" in words[0] and "memfd_create" in words[-1] if words else False


def test_the_connection_comes_back(site: McpSite) -> None:
    """SIGKILL of the responder, and of its SSH login: the next call works."""
    started = site.ok("haproxy_health")["components"]["mcp"]["read_connections"]
    first = responder(site)
    first.kill()
    assert site.ok("haproxy_list_domains")["domains"]
    second = responder(site)
    assert second.pid != first.pid
    second.parents()[0].kill()
    assert site.ok("haproxy_list_domains")["domains"]
    assert responder(site).pid != second.pid
    assert site.ok("haproxy_health")["components"]["mcp"]["read_connections"] == started + 2


def test_haproxy_that_is_down(site: McpSite) -> None:
    """What the database knows is answered; the rest says what is wrong."""
    site.managed.process.kill()
    try:
        assert len(site.ok("haproxy_list_domains", include_wildcards=True)["domains"]) == 2
        assert site.ok("haproxy_health")["status"] == "down"
        assert site.ok("haproxy_list_servers", domain="a.test")["servers"][0]["status"] is None
        with pytest.raises(ToolFailed, match="No HAProxy listens.*Call haproxy_health"):
            site.server.call("haproxy_backends")
    finally:
        site.managed.start()
