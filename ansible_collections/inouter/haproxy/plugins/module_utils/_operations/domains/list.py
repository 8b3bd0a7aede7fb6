# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of domains that a task names, checked entry by entry and against itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..._model.errors import Conflict, InvalidInput
from ..._model.names import domain_name
from ..._model.servers import DEFAULT_PORT, pool_number
from ..servers.slots import Entry, entries, entry

Listing = dict[str, "Listed"]
"""The entries of a list by their domains, in its order."""


class Listed(NamedTuple):
    """One entry of the list; what is None stays as it is.

    :param label: where it stands in the task: `domains[2]`
    """

    label: str
    domain: str
    servers: list[Entry] | None = None
    share_with: str | None = None
    pool: int | None = None


def listing(items: Sequence[Mapping[str, Any]], slots: int, option: str = "domains") -> Listing:
    """The entries of a list.

    Raises InvalidInput or Conflict, naming both places, for what is there twice.
    """
    found: Listing = {}
    pools: dict[int, Listed] = {}
    names: dict[str, str] = {}
    for index, item in enumerate(items):
        listed = _listed(item, slots, f"{option}[{index}]", names)
        twin = found.setdefault(listed.domain, listed)
        if twin is not listed:
            allowed = "A domain is listed once"
            problem = f"is in {twin.label} too"
            raise InvalidInput(f"{listed.label}.domain", item["domain"], problem, allowed)
        if listed.pool is not None and pools.setdefault(listed.pool, listed) is not listed:
            problem = f"is in {pools[listed.pool].label} too, which is {pools[listed.pool].domain}"
            allowed = "Give the pool to one of them, and share_with to the others"
            raise InvalidInput(f"{listed.label}.pool", item["pool"], problem, allowed)
    for listed in found.values():
        _check_share(listed, found)
    return found


def _listed(item: Mapping[str, Any], slots: int, label: str, names: dict[str, str]) -> Listed:
    domain = _stored(item["domain"], f"{label}.domain", names)
    share_with, pool = item.get("share_with"), item.get("pool")
    servers = _servers(item, slots, label)
    if share_with is None:
        number = None if pool is None else pool_number(pool, f"{label}.pool")
        return Listed(label, domain, servers, None, number)
    if servers is not None or pool is not None:
        raise Conflict(
            f"{label}: {domain} has share_with, which takes the servers of another domain's pool,"
            " so ip, servers and pool cannot be given with it. Leave one or the other out."
        )
    return Listed(label, domain, None, _stored(share_with, f"{label}.share_with", names))


def _stored(value: str, option: str, names: dict[str, str]) -> str:
    """The name as it is stored; `names` remembers those that were checked before."""
    name = names.get(value)
    if name is None:
        name = names[value] = domain_name(value, option)
    return name


def _servers(item: Mapping[str, Any], slots: int, label: str) -> list[Entry] | None:
    servers, ip = item.get("servers"), item.get("ip")
    if servers is not None and ip is not None:
        raise Conflict(f"{label}: give either ip or servers, not both.")
    if servers is not None:
        return entries(servers, slots, f"{label}.servers")
    if ip is None:
        return None
    port = item.get("http_port")
    values = {"slot": 1, "ip": ip, "http_port": DEFAULT_PORT if port is None else port}
    return [entry(values, slots, label)]


def _check_share(listed: Listed, found: Listing) -> None:
    """Raise InvalidInput where it shares with itself, or with one that shares as well."""
    target = found.get(listed.share_with or "")
    if target is None:
        return
    option = f"{listed.label}.share_with"
    if target is listed:
        allowed = "Name a domain that has a pool of its own"
        raise InvalidInput(option, listed.share_with, "is the domain itself", allowed)
    if target.share_with is not None:
        problem = f"itself shares, in {target.label}, the pool of {target.share_with}"
        raise InvalidInput(
            option, listed.share_with, problem, f"Use share_with: {target.share_with}"
        )
