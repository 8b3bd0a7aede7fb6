# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of domains makes of those that an instance has. Pure.

All that the list says holds at once: the order of its entries means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..._model.errors import Conflict, InvalidInput, UnknownDomain
from ..._model.servers import Pool, pool_name
from ..._store.store import Domain
from ..servers.slots import merge
from .list import Listed, Listing

Rows = dict[str, Domain]

TakePools = Callable[[int], Sequence[int]]
"""Gives so many pools that serve no domain."""


class Plan(NamedTuple):
    """What the truth gets.

    :param rows: every domain that was looked at as it will be
    :param new: those of them that are not so yet
    :param removed: domains that go
    :param pools: servers of the pools that the list speaks of, or that lose their last domain
    """

    rows: Rows
    new: list[Domain]
    removed: list[str]
    pools: dict[int, Pool]


class Planner:
    """Plans one list.

    :param listed: the list
    :param present: domains that exist: those of the list and all that share a pool with them, or
        every one of the instance
    :param servers: of the pools of those
    :param slots: of each pool
    :param prune: whether domains, and servers, that the list does not name go
    """

    def __init__(
        self, listed: Listing, present: Rows, servers: dict[int, Pool], slots: int, prune: bool
    ) -> None:
        self.listed = listed
        self.present = present
        self.servers = servers
        self.slots = slots
        self.prune = prune
        self.gone = {name for name in present if prune and name not in listed}
        self.members: dict[int, list[str]] = {}
        for name, row in present.items():
            self.members.setdefault(row.pool, []).append(name)

    def plan(self, take_pools: TakePools) -> Plan:
        """The plan. Raises InvalidInput, Conflict or UnknownDomain with the place in the list."""
        owners = [item for item in self.listed.values() if self._owns(item)]
        pools = self._pools(owners, take_pools)
        rows: Rows = {name: Domain(name, pool) for name, pool in pools.items()}
        rows.update([(row.domain, row) for row in self._sharing(rows)])
        rows.update([(row.domain, row) for row in self._staying(rows)])
        filled = {pools[item.domain]: self._servers(item) for item in owners}
        used = {row.pool for row in rows.values()}
        left: dict[int, Pool] = {pool: {} for pool in self.members if pool not in used}
        new = [row for name, row in rows.items() if self.present.get(name) != row]
        return Plan(rows, new, sorted(self.gone), {**left, **filled})

    def _owns(self, item: Listed) -> bool:
        """Whether it will have a pool of its own; one that shares goes on to unless told."""
        if item.share_with is not None:
            return False
        row = self.present.get(item.domain)
        if row is not None and not row.share_with:
            return True
        if row is not None and not item.servers and item.pool is None:
            return False
        if not any(server.ip for server in item.servers or ()):
            raise Conflict(
                f"{item.label}: {item.domain} is new and would have no server: give ip, servers or"
                " share_with."
            )
        return True

    def _pools(self, owners: Sequence[Listed], take_pools: TakePools) -> dict[str, int]:
        """The pools of those that will own one."""
        found: dict[str, int] = {}
        lacking = []
        for item in owners:
            row = self.present.get(item.domain)
            if row is not None and not row.share_with and item.pool in (None, row.pool):
                found[item.domain] = row.pool
            elif item.pool is not None:
                found[item.domain] = self._free(item, item.pool)
            else:
                lacking.append(item.domain)
        return {**found, **dict(zip(lacking, take_pools(len(lacking)) if lacking else ()))}

    def _free(self, item: Listed, pool: int) -> int:
        """The pool where it serves no domain yet; raises Conflict."""
        users = self.members.get(pool)
        if not users:
            return pool
        owner = self.present[users[0]].share_with or users[0]
        raise Conflict(
            f"{item.label}.pool: {pool_name(pool)} already serves {owner}. Choose a free pool, or"
            f" use share_with: {owner} to use its servers. A pool that a task takes from a domain"
            " can be given to another one by the next task."
        )

    def _sharing(self, owners: Rows) -> Iterator[Domain]:
        """Those that the list lets share."""
        for item in self.listed.values():
            if item.share_with is not None:
                owner = self._owner(item, item.share_with, owners)
                yield Domain(item.domain, owner.pool, owner.domain)

    def _owner(self, item: Listed, name: str, owners: Rows) -> Domain:
        option = f"{item.label}.share_with"
        row = owners.get(name) or self.present.get(name)
        allowed = "Name a domain that is listed or exists, and has a pool of its own"
        if row is None:
            raise UnknownDomain(option, name, allowed)
        if name in self.gone:
            raise InvalidInput(option, name, "is not in the list, and prune removes it", allowed)
        if row.share_with:
            problem = f"itself shares the pool of {row.share_with}"
            raise InvalidInput(option, name, problem, f"Use share_with: {row.share_with}")
        return row

    def _staying(self, rows: Rows) -> Iterator[Domain]:
        """Those that stay with their pool's owner, or inherit the pool that it left."""
        for pool, members in self.members.items():
            staying = sorted(n for n in members if n not in rows and n not in self.gone)
            if staying:
                owner = self._owner_after(members, rows) or Domain(staying[0], pool)
                for name in staying:
                    sharing = Domain(name, owner.pool, owner.domain)
                    yield owner if name == owner.domain else sharing

    def _owner_after(self, members: Sequence[str], rows: Rows) -> Domain | None:
        """The owner of a pool as it will be, or None where it will not own one."""
        name = next(name for name in members if not self.present[name].share_with)
        row = rows.get(name) or (None if name in self.gone else self.present[name])
        return row if row is not None and not row.share_with else None

    def _servers(self, item: Listed) -> Pool:
        row = self.present.get(item.domain)
        held = self.servers.get(row.pool, {}) if row is not None and not row.share_with else {}
        if item.servers is None:
            return held
        return merge(held, item.servers, self.slots, self.prune)
