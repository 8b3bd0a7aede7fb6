# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends and groups out of what HAProxy hosts say that they serve. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Served = Mapping[str, Any]
"""What `_operations/reads/served.py` returns, for one HAProxy host."""

BACKENDS = "backends"


class Membership(NamedTuple):
    """One host in one group.

    :param address: of a backend, or None where `host` is the name of a HAProxy host
    """

    group: str
    address: str | None = None
    host: str | None = None


def backend_variables(found: Mapping[str, Served]) -> dict[str, dict[str, Any]]:
    """The variables of each backend, by its address."""
    backends: dict[str, list[dict[str, Any]]] = {}
    for haproxy, served in found.items():
        for pool in served["pools"]:
            for server in pool["servers"]:
                place = {"haproxy": haproxy, "pool": pool["pool"], "domains": pool["domains"]}
                values = {name: value for name, value in server.items() if name != "ip"}
                backends.setdefault(server["ip"], []).append({**place, **values})
    return {address: _variables(places) for address, places in backends.items()}


def _variables(places: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "haproxy_servers": places,
        "haproxy_domains": sorted({name for place in places for name in place["domains"]}),
        "haproxy_pools": _distinct(places, "pool"),
        "haproxy_states": _distinct(places, "state"),
    }


def _distinct(places: list[dict[str, Any]], name: str) -> list[str]:
    return sorted({place[name] for place in places})


def host_variables(served: Served) -> dict[str, Any]:
    """The variables of a HAProxy host."""
    return {"haproxy_served": served}


def memberships(found: Mapping[str, Served], prefix: str) -> Iterator[Membership]:
    """Each group with each host that is in it."""
    for haproxy, served in found.items():
        for pool in served["pools"]:
            groups = [BACKENDS, pool["pool"], *(domain_group(n) for n in pool["domains"])]
            for server in pool["servers"]:
                yield from (Membership(f"{prefix}{name}", server["ip"]) for name in groups)
        for certificate in served["certificates"]:
            group = f"{prefix}cert_{plain(certificate['name'])}"
            yield Membership(group, host=haproxy)


def domain_group(name: str) -> str:
    """The group of a domain."""
    return f"domain_{plain(name)}"


def plain(name: str) -> str:
    """A domain in the characters of a group's name, so that no two become the same.

    A dot is one underscore and a hyphen two. A wildcard says so at its end, after three, which
    no domain has there: it would end in a hyphen.
    """
    star, name = (True, name[2:]) if name.startswith("*.") else (False, name)
    encoded = name.replace("-", "__").replace(".", "_")
    return f"{encoded}___wildcard" if star else encoded
