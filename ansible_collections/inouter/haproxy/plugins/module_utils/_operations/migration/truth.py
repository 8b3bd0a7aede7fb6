# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the entries of the original system come to as rows, and which could be used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..._model.errors import HaproxyError
from ..._model.names import domain_name, is_wildcard
from ..._model.servers import (
    DEFAULT_PORT,
    DEFAULT_WEIGHT,
    MAX_WEIGHT,
    READY,
    Pool,
    Server,
    pool_number,
    server_ip,
    server_state,
    whole_number,
)
from ..._store.store import Domain
from .files import CERTIFICATE, DOMAIN, SERVER, Found

# What other systems call the states of a server.
_STATES = {"up": READY, "enabled": READY, "active": READY, "disabled": "maint", "draining": "drain"}


class Verdict(NamedTuple):
    """What became of an entry; with no reason it was taken."""

    source: str
    entry: str
    reason: str = ""


class Legacy:
    """Domains, servers and certificates' names, as entries are added."""

    def __init__(self) -> None:
        self.domains: dict[str, Domain] = {}
        self.pools: dict[int, Pool] = {}
        self.certificates: dict[str, str] = {}
        self.verdicts: list[Verdict] = []
        self.notes: list[Verdict] = []

    def add(self, entries: Iterable[Found]) -> None:
        """Add entries of one kind; domains come before the servers that belong to them."""
        take = {DOMAIN: self._domain, SERVER: self._server, CERTIFICATE: self._certificate}
        for found in entries:
            try:
                reason = found.reason or take[found.kind](found.values)
            except HaproxyError as error:
                reason = str(error)
            self.verdicts.append(Verdict(found.source, found.entry, reason))

    @property
    def unclear(self) -> list[Verdict]:
        """Entries that were not taken."""
        return [verdict for verdict in self.verdicts if verdict.reason]

    def refuse(self, source: str, entry: str, reason: str) -> None:
        """Note that something cannot be taken as it is."""
        self.verdicts.append(Verdict(source, entry, reason))

    def close(self) -> None:
        """Settle who shares with whom, when all domains are known."""
        owners: dict[int, str] = {}
        for name, row in sorted(self.domains.items(), key=lambda i: (is_wildcard(i[0]), i[0])):
            target = self.domains.get(row.share_with or "")
            if target is None or target.pool != row.pool or target.domain == name:
                owners.setdefault(row.pool, name)
        for name, row in self.domains.items():
            owner = owners.setdefault(row.pool, name)
            self.domains[name] = Domain(name, row.pool, None if owner == name else owner)

    def _domain(self, values: Mapping[str, Any]) -> str:
        name = domain_name(str(values.get("domain", "")))
        share_with = values.get("share_with")
        shared = domain_name(str(share_with), "share_with") if share_with is not None else None
        if "pool" in values:
            pool = _pool(values["pool"])
        elif shared in self.domains:
            pool = self.domains[shared].pool
        else:
            return "It names no pool, and shares that of no domain that is known."
        held = self.domains.setdefault(name, Domain(name, pool, shared))
        return "" if held.pool == pool else f"It has pool_{held.pool} in another place."

    def _server(self, values: Mapping[str, Any]) -> str:
        pool = self._pool_of(values)
        if pool is None:
            return "It belongs to no domain or pool that is known."
        slot = _number(values.get("slot") or self._next(pool), "slot", 1, 1000)
        server = _server(values)
        held = self.pools.setdefault(pool, {})
        if slot in held:
            return "" if held[slot] == server else f"Slot {slot} has {held[slot].address} already."
        twins = (s for s, h in held.items() if (h.ip, h.http_port) == (server.ip, server.http_port))
        for twin in twins:
            return f"Slot {twin} has the same server."
        held[slot] = server
        return ""

    def _pool_of(self, values: Mapping[str, Any]) -> int | None:
        for name in ("owner", "pool", "domain"):
            value = str(values.get(name, ""))
            if value.startswith("pool_") or (name == "pool" and value.isdecimal()):
                return _pool(value)
            row = self.domains.get(value.lower().rstrip("."))
            if row is not None:
                return row.pool
        return None

    def _next(self, pool: int) -> int:
        held = self.pools.get(pool, {})
        return next(slot for slot in range(1, len(held) + 2) if slot not in held)

    def _certificate(self, values: Mapping[str, Any]) -> str:
        name = domain_name(str(values["domain"]))
        self.certificates.setdefault(name, str(values["domain"]))
        return ""


def _server(values: Mapping[str, Any]) -> Server:
    state = str(values.get("state", READY)).lower()
    return Server(
        server_ip(str(values.get("ip", "")).strip("[]")),
        _number(values.get("http_port", DEFAULT_PORT), "http_port", 1, 65535),
        _number(values.get("weight", DEFAULT_WEIGHT), "weight", 0, MAX_WEIGHT),
        server_state(_STATES.get(state, state)),
    )


def _pool(value: Any) -> int:
    text = str(value)
    return pool_number(f"pool_{text}" if text.isdecimal() else text)


def _number(value: Any, option: str, low: int, high: int) -> int:
    text = str(value).strip()
    number = int(text) if text.isdecimal() else value
    return whole_number(number, option, low, high)


def verdict_views(verdicts: Iterable[Verdict]) -> Iterator[dict[str, Any]]:
    """Each entry with whether it was taken, and why not."""
    for source, entry, reason in verdicts:
        yield {"source": source, "entry": entry, "taken": not reason, "reason": reason}
