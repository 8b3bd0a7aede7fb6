# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, as rows: from HAProxy, or from the files where it does not run. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..._files import map_file, pool_file
from ..._model.errors import HaproxyError
from ..._model.names import domain_name, is_wildcard
from ..._model.servers import FREE, MAINT, PLACEHOLDER, Pool, Server, pool_number, server_ip
from ..._reconcile.compare import matches
from ..._reconcile.observe import Places
from ..._reconcile.picture import Observed
from ..._store.store import Domain
from .whole import Whole


class Running(NamedTuple):
    """Routes and slots that run.

    :param unclear: what runs and cannot be stored: it would be gone after the next write
    :param without_effect: what can go with no request noticing
    """

    domains: dict[str, Domain]
    pools: dict[int, Pool]
    unclear: list[str]
    without_effect: list[str]


def running(observed: Observed, places: Places, held: Whole, pools: int) -> Running:
    """What runs on an instance with so many pools, as the rows held say it where they agree."""
    found = Running({}, {}, [], [])
    routes: dict[str, int] = {}
    for key, name in _routes(observed, places):
        number = _route(key, name, pools, found)
        if number:
            routes.setdefault(key, number)
    found.domains.update(_shared(routes, held))
    for number, servers in _servers(observed, places, pools).items():
        kept = _pool(number, servers, held.pools.get(number, {}), found)
        found.pools.update({number: kept} if kept else {})
    return found


def _routes(observed: Observed, places: Places) -> Iterator[tuple[str, str]]:
    if observed.runtime is not None:
        yield from observed.runtime.routes.items()
        return
    for path in places.maps:
        for domain, pool in map_file.entries(observed.files[path] or b""):
            own = places.map_of(domain) == path
            yield domain if own else f"{domain} in {path}", pool


def _route(key: str, name: str, pools: int, found: Running) -> int:
    """The pool's number, or 0 for a route that cannot be stored."""
    if " in " in key:
        # A lookup asks the one map for wildcards alone and the other for none.
        found.without_effect.append(f"{key} is in the map of other names.")
        return 0
    try:
        number = pool_number(name)
        if domain_name(key) != key:
            raise HaproxyError("the name is not in lower case")
    except HaproxyError as error:
        found.unclear.append(f"{key} is routed to {name}: {error}")
        return 0
    if number > pools:
        found.unclear.append(f"{key} is routed to {name}, but there are {pools} pools.")
        return 0
    return number


def _shared(routes: dict[str, int], held: Whole) -> dict[str, Domain]:
    """The domains with who shares with whom: as it was, else with the first of each pool."""
    owners: dict[int, str] = {}
    for domain in sorted(routes, key=lambda name: (is_wildcard(name), name)):
        row, pool = held.domains.get(domain), routes[domain]
        if row is not None and row.pool == pool and row.share_with is None:
            owners[pool] = domain
    for domain in sorted(routes, key=lambda name: (is_wildcard(name), name)):
        owners.setdefault(routes[domain], domain)
    return {
        domain: Domain(domain, pool, None if owners[pool] == domain else owners[pool])
        for domain, pool in routes.items()
    }


def _servers(observed: Observed, places: Places, pools: int) -> dict[int, Pool]:
    numbers = range(1, pools + 1)
    if observed.runtime is None:
        files = {n: observed.files.get(places.pool_file(n)) for n in numbers}
        return {n: pool_file.parse(content) for n, content in files.items() if content}
    found: dict[int, Pool] = {n: {} for n in numbers}
    for (number, slot), held in sorted(observed.runtime.slots.items()):
        if number in found:
            found[number][slot] = held.server
    return found


def _pool(number: int, servers: Pool, held: Pool, found: Running) -> Pool:
    kept: Pool = {}
    for slot, server in servers.items():
        name = f"pool_{number}_{slot}"
        row = held.get(slot)
        if row is not None and matches(row, server):
            server = row
        elif server.ip == PLACEHOLDER or (server.state == MAINT and _is_nobody(server)):
            if server != FREE:
                found.without_effect.append(f"{name} is a free slot that is not as it was written.")
            continue
        problem = _problem(server, kept)
        if problem:
            found.unclear.append(f"{name} has {server.address}: {problem}")
        else:
            kept[slot] = server
    return kept


def _is_nobody(server: Server) -> bool:
    return server.ip in ("0.0.0.0", "::")


def _problem(server: Server, kept: Pool) -> str:
    try:
        server_ip(server.ip)
    except HaproxyError as error:
        return str(error)
    if (server.ip, server.http_port) in {(s.ip, s.http_port) for s in kept.values()}:
        return "another slot of the pool has the same server."
    return "" if server.http_port else "it has no port."
