# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many domains at once: maps and slots are read, and maps are replaced, as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .._files import map_file
from .._model.names import is_wildcard
from .._runtime import commands, replies
from .._runtime.api import RuntimeApi
from .._runtime.commands import is_word
from .._runtime.maps import MapSwap
from .._runtime.version import require_supported
from .compare import Difference
from .observe import Places, check_map
from .picture import MANY, Runtime, Scope


def observe(api: RuntimeApi, places: Places, scope: Scope) -> Runtime:
    """Read both maps and all slots, and keep those in scope apart."""
    asked = [commands.show_version(), commands.show_servers_state(0)]
    asked += [commands.show_map(places.runtime_map(path)) for path in places.maps]
    version, state, *maps = api.ask(asked)
    slots = replies.slots(state, scope.pools)
    runtime = Runtime(require_supported(version), {}, slots, {}, others={})
    for path, reply in zip(places.maps, maps):
        check_map(reply, places.runtime_map(path))
        _read_map(runtime, places, scope, path, reply)
    return runtime


def _read_map(runtime: Runtime, places: Places, scope: Scope, path: str, reply: str) -> None:
    routes, wildcards, odd = runtime.routes, path == places.wildcard, set()
    others: list[tuple[str, str]] = []
    for _reference, domain, pool in replies.map_entries(reply):
        own = is_wildcard(domain) == wildcards
        if scope.domains is not None and (domain not in scope.domains or not own):
            others.append((domain, pool))
            continue
        key = domain if own else f"{domain} in {path}"
        if key in routes or not is_word(domain):
            odd.add(domain)
        routes.setdefault(key, pool)
    if runtime.others is not None:
        runtime.others[places.runtime_map(path)] = others
    if odd:
        _refer(runtime, places, path, reply, odd)


def _refer(runtime: Runtime, places: Places, path: str, reply: str, odd: set[str]) -> None:
    """Note the entries of keys that cannot be named, or that are there more than once."""
    for reference, domain, _pool in replies.map_entries(reply):
        if domain in odd:
            key = domain if places.map_of(domain) == path else f"{domain} in {path}"
            entry = (places.runtime_map(path), reference)
            runtime.references.setdefault(key, []).append(entry)


def swaps(
    routes: Sequence[Difference], runtime: Runtime, places: Places
) -> tuple[list[MapSwap], list[Difference]]:
    """Maps in which so much differs that they are replaced, and the other differences."""
    if runtime.others is None:
        return [], list(routes)
    counts = Counter(places.entry(d.key)[0] for d in routes)
    many = {path for path, count in counts.items() if count > MANY}
    target = {**runtime.routes, **{d.key: d.after for d in routes}} if many else {}
    entries = {path: list(runtime.others.get(path, ())) for path in sorted(many)}
    for key, pool in target.items():
        path, domain = places.entry(key)
        if path in many and pool is not None:
            entries[path].append((domain, pool))
    left = [d for d in routes if places.entry(d.key)[0] not in many]
    return [MapSwap(path, found) for path, found in entries.items()], left


def file_routes(content: bytes, domains: Iterable[str]) -> dict[str, str]:
    """The pools that a map file names for these domains; several of one are joined."""
    found = map_file.pools_by_domain(content)
    return {domain: found[domain] for domain in domains if domain in found}
