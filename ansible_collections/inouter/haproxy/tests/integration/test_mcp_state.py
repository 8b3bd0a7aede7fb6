# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools for all that a host serves, over real SSH, with their effect seen at HAProxy."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.children import wait_until
from .lab.http import Answer
from .lab.mcp import ToolFailed
from .lab.mcp_site import McpSite
from .lab.pki import Authority

pytestmark = [
    pytest.mark.haproxy("2.8", "3.4"),
    pytest.mark.xdist_group("mcp-state"),
    pytest.mark.timeout(300),
]
NONE: dict[str, Any] = {"domains": [], "prune": True, "prune_limit": 100, "confirm": True}


@pytest.fixture(scope="module")
def site(site: McpSite) -> McpSite:
    """Give a server that has ended its start, which puts right what somebody changed by hand."""
    wait_until(lambda: "INFO inouter.haproxy.site: lb1" in site.server.log, 30, "it converged")
    return site


@pytest.fixture(autouse=True)
def domain(site: McpSite) -> Iterator[str]:
    """Give a domain with one server, and take everything away afterwards."""
    site.managed.module("haproxy_domain", domain="d.test", **site.origin("one"))
    yield "d.test"
    site.managed.module("haproxy_domains", domains=[], prune=True, prune_limit=100)
    site.managed.module("haproxy_state")


def served(site: McpSite, *hosts: str) -> list[str]:
    """What HAProxy answers for each host, or the status of its refusal."""
    answers = [site.get(host) for host in hosts]
    return [a.body.strip() if a.status == 200 else str(a.status) for a in answers]


def test_drift(site: McpSite, domain: str) -> None:
    """What somebody changes by hand at HAProxy is reported, and haproxy_reload puts it right."""
    assert site.ok("haproxy_drift")["converged"]
    pool = site.ok("haproxy_list_servers", domain=domain)["pool"]
    site.managed.ask(f"set server {pool}/{pool}_1 state maint")
    site.managed.ask(f"del map {site.managed.map_path()} {domain}")
    assert served(site, domain) == ["404"]
    found = site.ok("haproxy_drift")
    assert not found["converged"] and found["running"] and found["total"] == 2
    route, server = found["differences"]
    assert (route["kind"], route["name"], route["differs"]) == ("route", domain, ["runtime"])
    assert (route["database"], route["files"], route["runtime"]) == (pool, pool, None)
    assert (server["kind"], server["name"]) == ("server", f"{pool}_1")
    assert "ready" in server["database"] and "maint" in server["runtime"]
    first = site.ok("haproxy_drift", limit=1)
    rest = site.ok("haproxy_drift", limit=1, cursor=first["next_cursor"])
    assert [*first["differences"], *rest["differences"]] == [route, server]
    assert rest["next_cursor"] is None
    site.server.call("haproxy_reload", confirm=True)
    wait_until(lambda: served(site, domain) == ["one"], 15, "it serves again")
    assert site.ok("haproxy_drift")["converged"]


def test_history_and_rollback(site: McpSite, domain: str) -> None:
    """A change is found in the history, and taken back: HAProxy serves what it served before."""
    site.changed("haproxy_add_domain", domain=domain, **site.origin("two"))
    site.changed("haproxy_add_domain", domain="n.test", share_with=domain)
    wait_until(lambda: served(site, domain, "n.test") == ["two", "two"], 15, "the new one serves")
    newest, change, before = site.ok("haproxy_history", limit=3)["changes"]
    assert newest["generation"] == change["generation"] + 1 and newest["actor"]
    assert [thing["name"] for thing in newest["changes"]] == ["n.test"]
    rolling = {"generation": before["generation"], "confirm": True}
    with pytest.raises(ToolFailed, match="call haproxy_rollback again with confirm=true"):
        site.server.call("haproxy_rollback", generation=before["generation"])
    planned = site.server.call("haproxy_rollback", generation=before["generation"], dry_run=True)
    assert planned["changed"] and "domain n.test" in str(planned["hosts"][0]["diff"])
    assert served(site, domain, "n.test") == ["two", "two"]
    done = site.changed("haproxy_rollback", **rolling, plan_id=planned["plan_id"])
    assert done["diff"] == planned["hosts"][0]["diff"]
    assert done["details"]["rolled_back_to"] == before["generation"]
    wait_until(lambda: served(site, domain, "n.test") == ["one", "404"], 15, "as it was before")
    assert "n.test" not in site.managed.runtime_map()
    assert not site.ok("haproxy_rollback", **rolling)["changed"]
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        site.server.call("haproxy_rollback", **rolling, plan_id=planned["plan_id"])
    with pytest.raises(ToolFailed, match="cannot be rolled back to.*haproxy_history lists"):
        site.server.call("haproxy_rollback", generation=10**6, confirm=True)


def test_calls_are_in_the_history(site: McpSite, domain: str) -> None:
    """Who called what, and how it ended; also what was refused, and none of the reads."""
    with pytest.raises(ToolFailed):
        site.server.call("haproxy_remove_domain", domain=domain)
    site.ok("haproxy_history")
    refused = site.ok("haproxy_history", section="calls", limit=1)
    (call,) = refused["calls"]
    assert (call["tool"], call["outcome"]) == ("haproxy_remove_domain", "refused")
    assert (call["caller"], call["arguments"]["domain"]) == ("token writer from 127.0.0.1", domain)
    site.changed("haproxy_remove_domain", domain=domain, confirm=True)
    done, before = site.ok("haproxy_history", section="calls", limit=2)["calls"]
    assert (done["outcome"], before) == ("done", call)
    older = site.ok("haproxy_history", section="calls", cursor=str(done["number"]), limit=1)
    assert older["calls"] == [call] and older["changes"] == []


def test_backup(site: McpSite, domain: str) -> None:
    """A file on the host with what is served; a restore of it gives HAProxy that back."""
    planned = site.server.call("haproxy_backup", dry_run=True)
    folder = site.managed.base_dir / "data/backups"
    assert planned["changed"] and not folder.exists()
    site.managed.module("haproxy_domain", domain="more.test", share_with=domain)
    with pytest.raises(ToolFailed, match="is not the plan any more"):
        site.server.call("haproxy_backup", plan_id=planned["plan_id"])
    made = site.ok("haproxy_backup")
    path = Path(made["details"]["backup"])
    assert made["changed"] and made["persisted"] and made["verified"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made["details"]["sha256"]
    with tarfile.open(path) as archive:
        assert "haproxy_mcp.db" in archive.getnames()
    again = site.ok("haproxy_backup")
    assert not again["changed"] and again["details"] == made["details"]
    site.server.call("haproxy_apply_domains", **NONE)
    assert served(site, domain, "more.test") == ["404", "404"]
    site.managed.module("haproxy_state", state="restored", src=str(path))
    wait_until(lambda: served(site, domain, "more.test") == ["one", "one"], 15, "it is back")


def test_no_backup_is_removed(site: McpSite) -> None:
    """However many there are: none of them is the tool's to remove."""
    for number in range(12):
        site.managed.module("haproxy_domain", domain=f"b{number}.test", share_with="d.test")
        site.managed.module("haproxy_state", state="backed_up", keep=100)
    site.managed.module("haproxy_domain", domain="b0.test", state="absent")
    assert site.ok("haproxy_backup")["details"]["removed"] == []
    assert len(list((site.managed.base_dir / "data/backups").iterdir())) >= 13


def test_apply_domains(site: McpSite, domain: str) -> None:
    """A list is served at once; prune takes away what it does not name, within its limit."""
    servers = [{**site.origin("two"), "slot": 1}, {**site.origin("three"), "slot": 2, "weight": 9}]
    listed = [
        {"domain": "www.l.test", "share_with": "l.test"},
        {"domain": "l.test", "servers": servers},
        {"domain": "*.l.test", **site.origin("one")},
    ]
    planned = site.server.call("haproxy_apply_domains", domains=listed, dry_run=True)
    assert planned["changed"] and served(site, "l.test", "x.l.test") == ["404", "404"]
    wish = {"domains": listed, "plan_id": planned["plan_id"], "confirm": True}
    done = site.changed("haproxy_apply_domains", **wish)
    assert done["details"]["counts"] == {"added": 3, "changed": 0, "removed": 0, "unchanged": 0}
    pool = site.ok("haproxy_list_servers", domain="l.test")["pool"]
    assert site.slot(f"{pool}_2")["weight"] == "9"
    wait_until(lambda: site.slot(f"{pool}_2")["status"] == "UP", 15, "the second server is up")
    seen = {name for _n in range(30) for name in served(site, "l.test", "www.l.test")}
    assert seen == {"two", "three"} and served(site, "x.l.test", domain) == ["one", "one"]
    pruned = {"domains": listed[:2], "prune": True, "confirm": True}
    with pytest.raises(ToolFailed, match="2 of 4 domains.*A dry_run with a higher prune_limit"):
        site.server.call("haproxy_apply_domains", **pruned)
    assert served(site, "x.l.test", domain) == ["one", "one"]
    done = site.changed("haproxy_apply_domains", **pruned, prune_limit=50)
    assert done["details"]["removed"] == ["*.l.test", domain]
    assert served(site, "x.l.test", domain) == ["404", "404"]
    assert not site.ok("haproxy_apply_domains", **pruned)["changed"]


def test_an_export_is_a_list_to_apply(site: McpSite, domain: str) -> None:
    """What was exported is served again after it was removed."""
    site.managed.module("haproxy_domain", domain="www.d.test", share_with=domain)
    first = site.ok("haproxy_export", limit=1)
    rest = site.ok("haproxy_export", cursor=first["next_cursor"])
    assert first["generation"] == rest["generation"] and rest["next_cursor"] is None
    listed = first["domains"] + rest["domains"]
    site.changed("haproxy_apply_domains", **NONE)
    assert served(site, domain, "www.d.test") == ["404", "404"]
    site.changed("haproxy_apply_domains", domains=listed, prune=True, confirm=True)
    wait_until(lambda: served(site, domain, "www.d.test") == ["one", "one"], 15, "it is back")
    assert site.ok("haproxy_export")["domains"] == listed


def test_keys_in_a_list(site: McpSite, domain: str) -> None:
    """A certificate of the list is served; its key is in no answer, no audit and no log."""
    pem = Authority().issue(domain)
    brought = {"content": pem.chain, "key_content": pem.key}
    listed = [{"domain": domain, "certificates": [brought]}]
    answers: list[Any] = [site.server.call("haproxy_apply_domains", domains=listed, confirm=True)]
    assert site.served(domain) == pem.fingerprint
    broken = [{"domain": domain, "certificates": [{**brought, "kontent": pem.key}]}]
    for bad, words in (
        (broken, "domains.0.certificates.0.kontent: there is no such argument"),
        ([{"domain": "o.test", "certificates": [brought]}], "would have no server"),
    ):
        with pytest.raises(ToolFailed, match=words) as failed:
            site.server.call("haproxy_apply_domains", domains=bad, confirm=True)
        answers.append(str(failed.value))
    answers += [site.ok("haproxy_export"), site.ok("haproxy_history")]
    calls = site.ok("haproxy_history", section="calls", limit=3)["calls"]
    assert all("'key_content': '(hidden)'" in str(call["arguments"]) for call in calls)
    secrets = [line for line in pem.key.splitlines() if "KEY" not in line]
    everywhere = f"{answers} {calls} {site.server.log}"
    assert secrets and not [line for line in secrets if line in everywhere]
    site.server.call("haproxy_delete_cert", name=domain, force=True, confirm=True)


def test_a_bad_list(site: McpSite, domain: str) -> None:
    """It is refused as a whole, with the place; nothing is changed."""
    before = site.managed.snapshot()[1:]
    good = {"domain": "g.test", **site.origin("one")}
    many = [{"domain": f"n{number}.test", "port": 1} for number in range(30)]
    for listed, words in (
        ([good, {"domain": "h.test", "port": 1}], "domains.1.port: there is no such argument"),
        ([{**good, "servers": [{"address": "127.0.0.1"}]}], "domains.0.servers.0.address: there"),
        ([{"domain": "i.test", "http_port": "80"}], "domains.0.http_port: Input should be"),
        ([good, good], "domains.1..domain: 'g.test' is in domains.0. too"),
        ([good, {"domain": "k.test", "share_with": "no.test"}], "Call haproxy_list_domains"),
        (many, "There are 20 more"),
        ("[" + " " * 10240 + "]", "Send an array instead of text"),
        ([good] * 10001, "at most 10000"),
    ):
        with pytest.raises(ToolFailed, match=words):
            site.server.call("haproxy_apply_domains", domains=listed, confirm=True)
    with pytest.raises(ToolFailed, match="'no.test' is not a domain of this instance"):
        shared = [{"domain": "k.test", "share_with": "no.test"}]
        site.server.call("haproxy_apply_domains", domains=shared, dry_run=True)
    assert site.managed.snapshot()[1:] == before
    assert site.get("g.test") == Answer(404, site.get("nobody.test").body)
