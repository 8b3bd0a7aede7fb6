# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole list of domains in one write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab.http import Answer
from .lab.load import LoadRun, Stream
from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]
NAME = "haproxy_domains"
SWAPPED = {"3.2": 100_000}
"""How many entries a map has that is swapped under load; 20,000 with the other versions."""


def many(count: int, server: dict[str, Any], pools: int = 10) -> list[dict[str, Any]]:
    """So many domains over ten pools, with one server each."""
    owners = [
        {"domain": f"d{n}.test", "servers": [{**server, "weight": n + 1}]} for n in range(pools)
    ]
    return owners + [
        {"domain": f"d{n}.test", "share_with": f"d{n % pools}.test"} for n in range(pools, count)
    ]


def test_a_list_is_served_and_pruned(managed: Managed, named_origins: Start) -> None:
    """Added, changed, shared, moved and removed in one task each; nothing differs in the end."""
    one, two = named_origins("one.1", "two.1")
    listed = [
        {"domain": "a.test", "servers": [one]},
        {"domain": "www.a.test", "share_with": "a.test"},
        {"domain": "*.a.test", "share_with": "a.test"},
        {"domain": "b.test", "pool": "pool_7", "servers": [{**two, "weight": 5}]},
    ]
    planned = managed.check(NAME, domains=listed, prune=True)
    result = managed.module(NAME, domains=listed, prune=True)
    assert planned["diff"] == result["diff"] and planned["counts"] == result["counts"]
    assert result["counts"] == {"added": 4, "changed": 0, "removed": 0, "unchanged": 0}
    assert result["persisted"] and result["applied"] and result["verified"]
    for host in ("a.test", "www.a.test", "x.a.test"):
        assert managed.get(host) == Answer(200, "one\n")
    assert managed.get("b.test") == Answer(200, "two\n")
    assert not managed.module(NAME, domains=listed, prune=True)["changed"]
    fewer = [{"domain": "b.test"}, {"domain": "a.test", "share_with": "b.test"}]
    refused = managed.fails(NAME, domains=fewer, prune=True)
    assert refused.startswith("prune: 2 of 4 domains (50 %)") and "*.a.test" in refused
    result = managed.module(NAME, domains=fewer, prune=True, prune_limit=50)
    assert result["removed"] == ["*.a.test", "www.a.test"]
    assert managed.get("a.test") == Answer(200, "two\n")
    assert managed.get("www.a.test").status == 404
    assert not managed.check("haproxy_state")["changed"]


def test_many_domains_swap_the_map(managed: Managed, named_origins: Start) -> None:
    """A thousand domains come, change over and go; a restart brings the same."""
    one, two = named_origins("one.1", "two.1")
    assert managed.module(NAME, domains=many(1000, one))["counts"]["added"] == 1000
    managed.module("haproxy_domain", domain="other.test", **two)
    assert managed.get("d999.test") == Answer(200, "one\n")
    managed.module(NAME, domains=many(1000, two), prune=True)
    assert managed.get("d999.test") == Answer(200, "two\n")
    assert managed.get("other.test").status == 404
    managed.process.kill()
    managed.start()
    assert managed.get("d999.test") == Answer(200, "two\n")
    assert not managed.check(NAME, domains=many(1000, two), prune=True)["changed"]
    managed.module(NAME, domains=[], prune=True, prune_limit=100)
    assert managed.runtime_map() == {}
    assert not managed.check("haproxy_state")["changed"]


def test_a_large_list_leaves_the_rest_alone(managed: Managed, named_origins: Start) -> None:
    """Without prune what somebody else put into HAProxy stays, also where the map is replaced."""
    (one,) = named_origins("one.1")
    managed.module("haproxy_domain", domain="kept.test", **one)
    managed.ask(f"add map {managed.map_path()} foreign.test pool_20")
    managed.module(NAME, domains=many(500, one))
    assert managed.runtime_map()["foreign.test"] == "pool_20"
    assert managed.get("kept.test") == Answer(200, "one\n")


@pytest.mark.haproxy("2.8", "3.4")
def test_what_haproxy_refuses_goes_back(managed: Managed, named_origins: Start) -> None:
    """Where a map is gone from the configuration nothing of the list stays."""
    (one,) = named_origins("one.1")
    managed.module(NAME, domains=many(200, one))
    before = managed.truth_without_history(), managed.files(), managed.runtime()
    gone = [{"domain": "new.test", "servers": [{**one, "ip": "127.0.0.1", "weight": 300}]}]
    assert "domains[0].servers[0].weight: 300" in managed.fails(NAME, domains=gone)
    assert (managed.truth_without_history(), managed.files(), managed.runtime()) == before


@pytest.mark.xdist_group("load")
@pytest.mark.timeout(1200)
def test_no_request_sees_half_a_map(
    managed: Managed, named_origins: Start, tmp_path: Path, haproxy_version: str
) -> None:
    """While a large map is swapped, again and again, no answer is wrong."""
    count = SWAPPED.get(haproxy_version, 20_000)
    one, two = named_origins("one.1", "two.1")
    lists = [many(count, one), many(count, one)]
    lists[1][:2] = [
        {"domain": "d0.test", "share_with": "d1.test"},
        {"domain": "d1.test", "servers": [one]},
    ]
    lists[1] = [{**item, **moved(item)} for item in lists[1]]
    assert swap(managed, lists[0])["added"] == count
    managed.module("haproxy_domain", domain="gone.test", **two)
    hosts = {f"d{n}.test": Answer(200, "one\n") for n in (0, 7, count // 2, count - 1)}
    # About a request a millisecond: one that never rests takes the processors from the module,
    # which needs 10 s of one for each swap of 100,000 entries.
    stream = Stream(managed.http, hosts, pause_ms=4)
    with LoadRun(tmp_path, [stream], seconds=900) as load:
        for turn in (1, 0, 1):
            assert swap(managed, lists[turn])["changed"] > count // 2
        done = load.stop()
    assert (done.socket_errors, done.wrong) == (0, 0)
    assert done.requests > 1000
    assert not managed.check("haproxy_state")["changed"]


def moved(item: dict[str, Any]) -> dict[str, Any]:
    """What lets an entry share the next pool."""
    shared = item.get("share_with")
    return {} if shared is None else {"share_with": f"d{int(shared[1:-5]) % 9 + 1}.test"}


def swap(managed: Managed, domains: list[dict[str, Any]]) -> dict[str, int]:
    """Give HAProxy the list, from another process; how many domains were added and changed."""
    child = managed.popen(NAME, domains=domains, prune=True, _ansible_diff=False)
    out, err = child.communicate(timeout=300)
    result = json.loads(out)
    assert result["verified"], (result, err)
    counts: dict[str, int] = result["counts"]
    return counts
