# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The truth as rows: reads, edits, and what the edits of one transaction changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._model.certificate import Certificate, CertificateKey
from .._model.errors import UnknownDomain
from .._model.names import domain_name
from .._model.servers import Pool, Server


class Domain(NamedTuple):
    """One row of the table `domains`."""

    domain: str
    pool: int
    share_with: str | None = None


_CHUNK = 500


class Store:
    """Rows of an open database. Edits belong inside `database.transaction`.

    `changes` maps what an edit touched to its value before the first edit:
    `("domain", name)` to a Domain or None, `("pool", number)` to a Pool.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.changes: dict[tuple[str, Any], Any] = {}

    # -- domains

    def domain(self, name: str) -> Domain | None:
        """The domain of this name, or None."""
        return next(iter(self.domains([name])), None)

    def domains(self, names: Collection[str] | None = None) -> Iterator[Domain]:
        """The domains of these names, or all, in the names' order."""
        query = "SELECT domain, pool, share_with FROM domains"
        return (Domain(*row) for row in self._rows(query, "domain", names))

    def domains_of(self, pool: int) -> list[Domain]:
        """The domains that a pool serves, in the names' order."""
        query = "SELECT domain, pool, share_with FROM domains WHERE pool = ? ORDER BY domain"
        return [Domain(*row) for row in self.connection.execute(query, (pool,))]

    def domains_in(self, pools: Collection[int]) -> Iterator[Domain]:
        """The domains that these pools serve."""
        query = "SELECT domain, pool, share_with FROM domains"
        return (Domain(*row) for row in self._rows(query, "pool", pools))

    def put_domain(self, row: Domain) -> None:
        """Add the domain, or give the one of this name these values."""
        self.put_domains([row])

    def put_domains(self, rows: Collection[Domain]) -> None:
        """Add domains, or give those of the same names these values."""
        held = {row.domain: row for row in self.domains([row.domain for row in rows])}
        new = [r for r in rows if self._touch(("domain", r.domain), held.get(r.domain), r)]
        added = sorted(row for row in new if row.domain not in held)
        changed = ((*row[1:], row.domain) for row in new if row.domain in held)
        # Two statements, for one that does either costs twice as much.
        self.connection.executemany("INSERT INTO domains VALUES (?, ?, ?)", added)
        query = "UPDATE domains SET pool = ?, share_with = ? WHERE domain = ?"
        self.connection.executemany(query, changed)

    def delete_domain(self, name: str) -> None:
        """Remove the domain if it is there."""
        self.delete_domains([name])

    def delete_domains(self, names: Collection[str]) -> None:
        """Remove the domains that are there."""
        gone = list(self.domains(names))
        for row in gone:
            self._touch(("domain", row.domain), row, None)
        rows = ((row.domain,) for row in gone)
        self.connection.executemany("DELETE FROM domains WHERE domain = ?", rows)

    # -- pools and their servers

    def has_pool(self, pool: int) -> bool:
        """Whether the instance has a pool of this number."""
        query = "SELECT 1 FROM pools WHERE pool = ?"
        return self.connection.execute(query, (pool,)).fetchone() is not None

    def pool_count(self) -> int:
        """How many pools the instance has."""
        return int(self.connection.execute("SELECT count(*) FROM pools").fetchone()[0])

    def set_pool_count(self, count: int) -> None:
        """Have the pools 1 to `count`."""
        have = self.pool_count()
        if self._touch(("pool_count", ""), have, count):
            rows = ((pool,) for pool in range(have + 1, count + 1))
            self.connection.executemany("INSERT INTO pools (pool) VALUES (?)", rows)
            self.connection.execute("DELETE FROM pools WHERE pool > ?", (count,))

    def free_pools(self, count: int, apart: Sequence[tuple[int, int]] = ()) -> list[int]:
        """The pools to use next: those that never were used, then those freed longest ago.

        :param apart: ranges of pools that are only used where they are named
        A pool freed just now may still have requests under way that would meet new servers.
        """
        query = (
            "SELECT pool FROM pools WHERE NOT EXISTS"
            " (SELECT 1 FROM domains WHERE domains.pool = pools.pool)"
            f"{' AND pool NOT BETWEEN ? AND ?' * len(apart)}"
            " ORDER BY freed, pool LIMIT ?"
        )
        values = [number for bounds in apart for number in bounds]
        return [row[0] for row in self.connection.execute(query, (*values, count))]

    def mark_freed(self, pool: int, generation: int) -> None:
        """Remember with which generation the pool lost its last domain."""
        self.connection.execute("UPDATE pools SET freed = ? WHERE pool = ?", (generation, pool))

    def servers(self, pool: int) -> Pool:
        """The servers of one pool."""
        return self.pools([pool]).get(pool, {})

    def pools(self, numbers: Collection[int] | None = None) -> dict[int, Pool]:
        """The servers of these pools, or of all; pools with no server are absent."""
        query = "SELECT pool, slot, ip, http_port, weight, state FROM servers"
        found: dict[int, Pool] = {}
        for pool, slot, *values in self._rows(query, "pool", numbers):
            found.setdefault(pool, {})[slot] = Server(*values)
        return found

    def put_servers(self, pool: int, servers: Pool) -> None:
        """Let the pool have exactly these servers."""
        self.put_pools({pool: servers})

    def put_pools(self, pools: Mapping[int, Pool]) -> None:
        """Let each of these pools have exactly these servers."""
        held = self.pools(pools.keys())
        new = {p: s for p, s in pools.items() if self._touch(("pool", p), held.get(p, {}), dict(s))}
        rows = ((p, slot, *server) for p, s in new.items() for slot, server in sorted(s.items()))
        self.connection.executemany("DELETE FROM servers WHERE pool = ?", ((p,) for p in new))
        self.connection.executemany("INSERT INTO servers VALUES (?, ?, ?, ?, ?, ?)", rows)

    # -- certificates

    def certificates(self, keys: Collection[CertificateKey] | None = None) -> list[Certificate]:
        """The certificates of these names and key types, or all, in order."""
        query = "SELECT * FROM certificates ORDER BY name, key_type"
        if keys is None:
            return [Certificate(*row) for row in self.connection.execute(query)]
        query = "SELECT * FROM certificates WHERE name = ? AND key_type = ?"
        rows = (self.connection.execute(query, key).fetchone() for key in sorted(keys))
        return [Certificate(*row) for row in rows if row is not None]

    def put_certificate(self, key: CertificateKey, row: Certificate | None) -> None:
        """Let this name and key type have this certificate, or none."""
        if not self._touch(("certificate", key), next(iter(self.certificates([key])), None), row):
            return
        self.connection.execute("DELETE FROM certificates WHERE name = ? AND key_type = ?", key)
        if row is not None:
            marks = ",".join("?" * len(row))
            self.connection.execute(f"INSERT INTO certificates VALUES ({marks})", row)

    # -- settings

    def settings(self) -> dict[str, str]:
        """All settings of the instance."""
        return dict(self.connection.execute("SELECT name, value FROM settings"))

    def put_setting(self, name: str, value: str | None) -> None:
        """Set one setting of the instance; None takes it away."""
        if not self._touch(("setting", name), self.settings().get(name), value):
            return
        self.connection.execute("DELETE FROM settings WHERE name = ?", (name,))
        if value is not None:
            self.connection.execute("INSERT INTO settings VALUES (?, ?)", (name, value))

    # -- what changed

    def values(self, keys: Collection[tuple[str, Any]]) -> dict[tuple[str, Any], Any]:
        """What these things are now: each by its kind and name."""
        named: dict[str, list[Any]] = {}
        for kind, name in keys:
            named.setdefault(kind, []).append(name)
        pools = named.get("pool", [])
        certificates = self.certificates(named.get("certificate", []))
        found: dict[str, Mapping[Any, Any]] = {
            "domain": {row.domain: row for row in self.domains(named.get("domain", []))},
            "pool": {**dict.fromkeys(pools, {}), **self.pools(pools)},
            "certificate": {row.key: row for row in certificates},
            "setting": self.settings(),
            "pool_count": {"": self.pool_count()},
        }
        return {(kind, name): found[kind].get(name) for kind, name in keys}

    def changed(self) -> dict[tuple[str, Any], tuple[Any, Any]]:
        """What differs from before the first edit: its value then and its value now."""
        now = self.values(self.changes)
        pairs = {key: (before, now[key]) for key, before in self.changes.items()}
        return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}

    def put_back(self, changed: Mapping[tuple[str, Any], tuple[Any, Any]]) -> None:
        """Give each changed row the value that it had before."""
        before = {key: pair[0] for key, pair in changed.items()}
        domains = {name: row for (kind, name), row in before.items() if kind == "domain"}
        self.delete_domains([name for name, row in domains.items() if row is None])
        self.put_domains([row for row in domains.values() if row is not None])
        self.put_pools({name: held for (kind, name), held in before.items() if kind == "pool"})
        for (kind, name), value in before.items():
            if kind == "certificate":
                self.put_certificate(name, value)
            elif kind == "setting":
                self.put_setting(name, value)
        # Pools go last: only then does no domain use those that were new.
        if ("pool_count", "") in before:
            self.set_pool_count(before["pool_count", ""])

    def _touch(self, key: tuple[str, Any], before: Any, after: Any) -> bool:
        if before == after:
            return False
        self.changes.setdefault(key, before)
        return True

    def _rows(self, query: str, column: str, values: Collection[Any] | None) -> Iterator[Any]:
        if values is None:
            yield from self.connection.execute(f"{query} ORDER BY {column}")
            return
        for chunk in _chunks(sorted(values)):
            where = f"WHERE {column} IN ({','.join('?' * len(chunk))})"
            yield from self.connection.execute(f"{query} {where} ORDER BY {column}", chunk)


def existing_domain(store: Store, name: str, option: str = "domain") -> Domain:
    """The domain of this name; raises InvalidInput where there is none."""
    domain = domain_name(name, option)
    row = store.domain(domain)
    if row is None:
        allowed = "Add it first with inouter.haproxy.haproxy_domain"
        raise UnknownDomain(option, domain, allowed)
    return row


def _chunks(values: list[Any]) -> Iterable[list[Any]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
