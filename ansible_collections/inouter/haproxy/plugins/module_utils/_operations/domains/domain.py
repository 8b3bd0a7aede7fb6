# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, changing and removing one domain in the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..._instance.settings import Settings
from ..._model.errors import Conflict, InvalidInput, UnknownDomain
from ..._model.names import domain_name
from ..._model.servers import pool_number
from ..._reconcile.picture import Scope, scope_of
from ..._store.store import Domain, Store
from ..reads.views import domain_views
from ..servers.slots import Entry, entries, entry, merge

if TYPE_CHECKING:
    from .choice import AskVersion


class DomainRequest(NamedTuple):
    """What a task asks for one domain; see the module haproxy_domain for each option."""

    domain: str
    present: bool = True
    servers: Sequence[Mapping[str, Any]] | None = None
    ip: str | None = None
    http_port: int = 80
    share_with: str | None = None
    pool: str | None = None
    prune: bool = False
    version: AskVersion | None = None

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Carry the request out on the truth; returns what it looked at."""
        name = domain_name(self.domain)
        row = store.domain(name)
        if not self.present:
            return _remove(store, name, row)
        if self.share_with is not None:
            return self._share(store, name, row)
        return self._own(store, settings, name, row)

    def describe(self, store: Store) -> dict[str, Any]:
        """The domain with its servers, or its name alone where it is gone."""
        name = domain_name(self.domain)
        return next(iter(domain_views(store, [name])), {"domain": name})

    def _share(self, store: Store, name: str, row: Domain | None) -> Scope:
        if self.ip is not None or self.servers is not None or self.pool is not None:
            raise Conflict(
                f"{name}: share_with takes the servers of another domain's pool, so ip, servers"
                " and pool cannot be given with it. Leave one or the other out."
            )
        owner = _owner(store, name, domain_name(self.share_with or "", "share_with"))
        if row == Domain(name, owner.pool, owner.domain):
            return scope_of([name], [owner.pool])
        left = scope_of() if row is None else _leave(store, row)
        store.put_domain(Domain(name, owner.pool, owner.domain))
        return left | scope_of([name], [owner.pool])

    def _own(self, store: Store, settings: Settings, name: str, row: Domain | None) -> Scope:
        named = self._entries(settings)
        if row is not None and (not row.share_with or not (named or self.pool)):
            return self._change(store, settings, row, named)
        if not any(item.ip for item in named):
            raise Conflict(
                f"{name} is new and would have no server: give ip, servers or share_with."
            )
        left = scope_of() if row is None else _leave(store, row)
        pool = self._chosen_pool(store, settings)
        store.put_domain(Domain(name, pool))
        store.put_servers(pool, merge({}, named, settings.pool_slots))
        return left | scope_of([name], [pool])

    def _change(
        self, store: Store, settings: Settings, row: Domain, named: Sequence[Entry]
    ) -> Scope:
        if self.servers is not None or self.ip is not None:
            present = store.servers(row.pool)
            servers = merge(present, named, settings.pool_slots, self.prune)
            store.put_servers(row.pool, servers)
        if self.pool is None or pool_number(self.pool) == row.pool:
            return scope_of([row.domain], [row.pool])
        return _move(store, row, self._chosen_pool(store, settings))

    def _entries(self, settings: Settings) -> list[Entry]:
        if self.servers is not None and self.ip is not None:
            raise Conflict(f"{self.domain}: give either ip or servers, not both.")
        if self.servers is not None:
            return entries(self.servers, settings.pool_slots)
        if self.ip is None:
            return []
        values = {"slot": 1, "ip": self.ip, "http_port": self.http_port}
        return [entry(values, settings.pool_slots)]

    def _chosen_pool(self, store: Store, settings: Settings) -> int:
        if self.pool is None:
            from .choice import take_pools  # here, for most tasks need no new pool

            return take_pools(store, settings, 1, self.version)[0]
        pool = pool_number(self.pool)
        if not store.has_pool(pool):
            allowed = f"This instance has pool_1 to pool_{settings.pools}"
            raise InvalidInput("pool", self.pool, "does not exist", allowed)
        users = store.domains_of(pool)
        if users:
            raise Conflict(
                f"pool: {self.pool} already serves {users[0].domain}. Choose a free pool, or use"
                f" share_with: {users[0].share_with or users[0].domain} to use its servers."
            )
        return pool


def _owner(store: Store, name: str, other: str) -> Domain:
    owner = store.domain(other)
    allowed = "Name a domain that exists and has a pool of its own"
    if other == name:
        raise InvalidInput("share_with", other, "is the domain itself", allowed)
    if owner is None:
        raise UnknownDomain("share_with", other, allowed)
    if owner.share_with:
        problem = f"itself shares the pool of {owner.share_with}"
        raise InvalidInput("share_with", other, problem, f"Use share_with: {owner.share_with}")
    return owner


def _remove(store: Store, name: str, row: Domain | None) -> Scope:
    if row is None:
        return scope_of([name])
    left = _leave(store, row)
    store.delete_domain(name)
    return left


def _leave(store: Store, row: Domain) -> Scope:
    """Take a domain out of its pool: the last one clears the servers, the owner hands over."""
    others = [other for other in store.domains_of(row.pool) if other.domain != row.domain]
    if not others:
        store.put_servers(row.pool, {})
    elif not row.share_with:
        heir = others[0].domain
        for other in others:
            store.put_domain(other._replace(share_with=None if other.domain == heir else heir))
    return scope_of([row.domain], [row.pool])


def _move(store: Store, row: Domain, pool: int) -> Scope:
    """Take a pool's domains and servers to another pool."""
    moved = store.domains_of(row.pool)
    servers = store.servers(row.pool)
    store.put_servers(row.pool, {})
    store.put_servers(pool, servers)
    for domain in moved:
        store.put_domain(domain._replace(pool=pool))
    return scope_of([domain.domain for domain in moved], [row.pool, pool])
