# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan, first half: each difference between what should be and what is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .._files import map_file
from .._model.names import is_wildcard
from .._model.servers import DRAIN, FREE, MAINT, Server, slot_name
from .observe import Places
from .picture import Observed, Runtime, Wanted

RUNTIME, FILES = "runtime", "files"
ROUTE, SLOT, POOL_FILE, MAP_FILE = "route", "slot", "pool_file", "map_file"
CERTIFICATE, CRT_ENTRY, PEM_FILE, CRT_LIST = "certificate", "crt_entry", "pem_file", "crt_list"
ACME = "acme"


class Difference(NamedTuple):
    """One thing that is not as it should be.

    :param side: `runtime` or `files`
    :param kind: `route`, `slot`, `pool_file` or `map_file` (a map that must be written anew)
    :param key: domain, pool and slot, pool number, or path
    :param before: what is; None where there is nothing
    :param after: what should be; None where nothing should be
    """

    side: str
    kind: str
    key: Any
    before: Any
    after: Any

    @property
    def name(self) -> str:
        """What differs, in the words of HAProxy's configuration."""
        return slot_name(*self.key) if self.kind == SLOT else str(self.key)


def compare(wanted: Wanted, observed: Observed, places: Places) -> list[Difference]:
    """Every difference, runtime first."""
    found: list[Difference] = []
    if observed.runtime is not None:
        found += compare_runtime(wanted.routes, wanted.slots, observed.runtime)
    found += _pool_files(wanted, observed, places)
    for path in places.maps:
        if path in observed.files:
            found += _map(path, wanted, observed.files[path], places)
    if wanted.certificates is not None:
        from . import certificates  # here, for most writes have nothing to do with certificates

        found += certificates.compare(wanted.certificates, wanted.scope, observed, places)
    return found


def compare_runtime(
    routes: dict[str, str], slots: dict[tuple[int, int], Server], runtime: Runtime
) -> list[Difference]:
    """The differences between these routes and slots and those of the process."""
    found = list(_routes(RUNTIME, routes, runtime.routes))
    for domain, references in runtime.references.items():
        if len(references) > 1 and runtime.routes[domain] == routes.get(domain):
            shown = f"{len(references)} entries"
            found.append(Difference(RUNTIME, ROUTE, domain, shown, routes[domain]))
    for key, server in slots.items():
        slot = runtime.slots.get(key)
        present = slot.server if slot else None
        if not matches(server, present):
            found.append(Difference(RUNTIME, SLOT, key, present, server))
    return found


def matches(wanted: Server, present: Server | None) -> bool:
    """Whether a slot does what it should.

    A slot that HAProxy lacks is as good as a free one. Drain is written to the pool file as
    weight 0, so after a restart a slot that is ready with weight 0 drains.
    """
    if present is None:
        return wanted == FREE
    if (wanted.ip, wanted.http_port) != (present.ip, present.http_port):
        return False
    if wanted.state == DRAIN and present.state != MAINT:
        return wanted == present or present.weight == 0
    return wanted == present


def _routes(side: str, wanted: dict[str, str], present: dict[str, str]) -> Iterator[Difference]:
    if wanted == present:
        return
    for domain in sorted(wanted.keys() | present.keys()):
        before, after = present.get(domain), wanted.get(domain)
        if before != after:
            yield Difference(side, ROUTE, domain, before, after)


def _pool_files(wanted: Wanted, observed: Observed, places: Places) -> Iterator[Difference]:
    for pool, content in wanted.pool_files.items():
        present = observed.files.get(places.pool_file(pool))
        if present != content:
            yield Difference(FILES, POOL_FILE, pool, present, content)
    for pool in observed.unknown_pools:
        if pool not in wanted.pool_files:
            path = places.pool_file(pool)
            yield Difference(FILES, POOL_FILE, pool, observed.files[path], None)


def _map(path: str, wanted: Wanted, content: bytes | None, places: Places) -> Iterable[Difference]:
    if content is None or not map_file.is_whole(content):
        return [Difference(FILES, MAP_FILE, path, content, None)]
    wildcards = path == places.wildcard
    routes = {n: pool for n, pool in wanted.routes.items() if is_wildcard(n) == wildcards}
    if wanted.scope.domains is None:
        return _whole_map(path, routes, content, places)
    domains = [domain for domain in wanted.scope.domains if places.map_of(domain) == path]
    if wanted.scope.large:
        from .large_scope import file_routes  # here, for most writes look at a few domains

        return _routes(FILES, routes, file_routes(content, domains))
    found = {domain: map_file.pools_of(content, domain) for domain in domains}
    present = {domain: " ".join(pools) for domain, pools in found.items() if pools}
    return _routes(FILES, routes, present)


def _whole_map(
    path: str, routes: dict[str, str], content: bytes, places: Places
) -> list[Difference]:
    if content == map_file.render(routes.items()):
        return []
    present = map_file.pools_by_domain(content)
    wildcards = path == places.wildcard
    own = {name: pool for name, pool in present.items() if is_wildcard(name) == wildcards}
    found = list(_routes(FILES, routes, own))
    if not found or len(own) < len(present):
        found.append(Difference(FILES, MAP_FILE, path, content, None))
    return found
