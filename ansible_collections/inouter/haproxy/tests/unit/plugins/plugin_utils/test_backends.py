# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends and groups out of what HAProxy hosts serve."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.names import domain_name
from ansible_collections.inouter.haproxy.plugins.plugin_utils import backends
from ansible_collections.inouter.haproxy.plugins.plugin_utils.backends import Membership, plain

LABEL = st.from_regex(r"[a-b]{1,2}(-{1,3}[a-b]{1,2})?", fullmatch=True)
NAME = st.builds(
    lambda star, labels: ("*." if star else "") + ".".join(labels),
    st.booleans(),
    st.lists(LABEL, min_size=1, max_size=4),
)


def server(slot: int, ip: str, state: str = "ready") -> dict[str, Any]:
    name = f"pool_1_{slot}"
    return {"slot": slot, "name": name, "ip": ip, "http_port": 80, "weight": 1, "state": state}


def host(*servers: dict[str, Any], certificates: tuple[str, ...] = ()) -> dict[str, Any]:
    pool = {"pool": "pool_1", "domains": ["*.b.test", "a.test"], "servers": list(servers)}
    return {"generation": 2, "pools": [pool], "certificates": [{"name": n} for n in certificates]}


def test_a_backend_of_two_hosts_is_one_backend() -> None:
    found = {"lb1": host(server(1, "10.0.0.1")), "lb2": host(server(2, "10.0.0.1", "drain"))}
    ((address, variables),) = backends.backend_variables(found).items()
    assert address == "10.0.0.1"
    places = [(p["haproxy"], p["slot"], p["state"]) for p in variables["haproxy_servers"]]
    assert places == [("lb1", 1, "ready"), ("lb2", 2, "drain")]
    assert variables["haproxy_domains"] == ["*.b.test", "a.test"]
    assert variables["haproxy_pools"] == ["pool_1"]
    assert variables["haproxy_states"] == ["drain", "ready"]
    assert "ip" not in variables["haproxy_servers"][0]


def test_groups() -> None:
    found = {"lb1": host(server(1, "10.0.0.1"), certificates=("a.test",))}
    assert list(backends.memberships(found, "x_")) == [
        Membership("x_backends", "10.0.0.1"),
        Membership("x_pool_1", "10.0.0.1"),
        Membership("x_domain_b_test___wildcard", "10.0.0.1"),
        Membership("x_domain_a_test", "10.0.0.1"),
        Membership("x_cert_a_test", host="lb1"),
    ]


def test_a_host_without_domains_has_no_groups() -> None:
    empty = {"generation": 0, "pools": [], "certificates": []}
    assert list(backends.memberships({"lb1": empty}, "")) == []
    assert backends.backend_variables({"lb1": empty}) == {}


@pytest.mark.parametrize(
    ("name", "group"),
    [("a.test", "a_test"), ("a-b.test", "a__b_test"), ("*.a.test", "a_test___wildcard")],
)
def test_plain(name: str, group: str) -> None:
    assert plain(name) == group


@given(NAME, NAME)
def test_no_two_domains_share_a_group(one: str, two: str) -> None:
    assert domain_name(one) == one
    assert (plain(one) == plain(two)) == (one == two)
    assert plain(one).isidentifier()
