# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving the truth a whole list of domains in one write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._instance.settings import Settings
from ..._model.certificate import Certificate, CertificateKey, covers
from ..._model.errors import Conflict, InvalidInput
from ..._model.names import domain_name
from ..._model.servers import pool_name, whole_number
from ..._reconcile.picture import EVERYTHING, Scope, scope_of
from ..._store.store import Store
from .choice import AskVersion, have_pools, take_pools
from .list import Listing, listing
from .plan import Plan, Planner, Rows

if TYPE_CHECKING:
    from ..certs.certificate import Source

DEFAULT_PRUNE_LIMIT = 20  # percent


class DomainsRequest:
    """What a task asks for many domains; see the module haproxy_domains for each option.

    :param force: whether to take certificates that have expired
    """

    def __init__(
        self,
        domains: Sequence[Mapping[str, Any]],
        prune: bool = False,
        prune_limit: int = DEFAULT_PRUNE_LIMIT,
        version: AskVersion | None = None,
        force: bool = False,
    ) -> None:
        self.domains = domains
        self.prune = prune
        self.prune_limit = whole_number(prune_limit, "prune_limit", 0, 100)
        self.version = version
        self.force = force
        self.certified = _certified(domains)
        self.contents: dict[CertificateKey, bytes] = {}
        self.summary: dict[str, Any] = {}

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Carry the list out on the truth; returns what it looked at."""
        listed = listing(self.domains, settings.pool_slots)
        present = self._present(store, listed)
        servers = store.pools(None if self.prune else {row.pool for row in present.values()})
        planner = Planner(listed, present, servers, settings.pool_slots, self.prune)
        self._check_limit(planner.gone, len(present))
        settings = self._named_pools(store, settings, listed)
        named = {item.pool for item in listed.values() if item.pool is not None}
        plan = planner.plan(lambda n: take_pools(store, settings, n, self.version, named))
        _put(store, plan)
        self._summarise(store, plan, listed, present)
        return self._scope(plan, listed, present) | self._put_certificates(store, settings)

    def describe(self, store: Store) -> dict[str, Any]:
        """How many domains were added, changed and removed, and the names of those that go."""
        return self.summary

    def _present(self, store: Store, listed: Listing) -> Rows:
        """All domains, or those that the list names and all that share a pool with them."""
        if self.prune:
            return {row.domain: row for row in store.domains()}
        shared = {item.share_with for item in listed.values() if item.share_with is not None}
        pools = {row.pool for row in store.domains(listed.keys() | shared)}
        pools |= {item.pool for item in listed.values() if item.pool is not None}
        return {row.domain: row for row in store.domains_in(pools)}

    def _check_limit(self, gone: set[str], total: int) -> None:
        if len(gone) * 100 <= self.prune_limit * total:
            return
        shown = ", ".join(sorted(gone)[:3])
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        raise Conflict(
            f"prune: {len(gone)} of {total} domains ({100 * len(gone) / total:.0f} %) are not in"
            f" the list, and prune_limit allows to remove {self.prune_limit} %: {shown}{more}."
            " Nothing was changed. Check that the list is complete, or raise prune_limit."
        )

    def _named_pools(self, store: Store, settings: Settings, listed: Listing) -> Settings:
        """Have the pools that the list names; new ones may only follow the last one."""
        last = settings.pools
        named = [item for item in listed.values() if item.pool is not None and item.pool > last]
        for item in sorted(named, key=lambda item: item.pool or 0):
            if item.pool != last + 1:
                allowed = f"This instance has pool_1 to pool_{settings.pools}"
                name = pool_name(item.pool or 0)
                raise InvalidInput(f"{item.label}.pool", name, "does not exist", allowed)
            last += 1
        return have_pools(store, settings, last, self.version)

    def _put_certificates(self, store: Store, settings: Settings) -> Scope:
        if not self.certified:
            return scope_of()
        from ..certs.certificate import PutCertificates  # here, for most lists bring none

        put = PutCertificates([source for _domain, source in self.certified], self.force)
        scope = put.edit(store, settings)
        self.contents = put.contents
        rows = {row.key: row for row in store.certificates(put.contents)}
        for (domain, source), key in zip(self.certified, put.contents):
            _refuse_stranger(source.label, rows[key], domain_name(domain))
        return scope

    def _scope(self, plan: Plan, listed: Listing, present: Rows) -> Scope:
        if self.prune:
            return EVERYTHING
        rows = [*(plan.rows[name] for name in listed), *plan.new]
        before = [present[row.domain] for row in rows if row.domain in present]
        return scope_of([row.domain for row in rows], [row.pool for row in [*rows, *before]])

    def _summarise(self, store: Store, plan: Plan, listed: Listing, present: Rows) -> None:
        pools = {name for kind, name in store.changes if kind == "pool"}
        moved = {row.domain for row in plan.new if row.domain in present}
        added = len(plan.new) - len(moved)
        moved |= {n for n in listed if n in present and plan.rows[n].pool in pools}
        counts = {"added": added, "changed": len(moved), "removed": len(plan.removed)}
        unchanged = len(plan.rows) - added - len(moved)
        self.summary = {"counts": {**counts, "unchanged": unchanged}, "removed": plan.removed}


def _put(store: Store, plan: Plan) -> None:
    store.delete_domains(plan.removed)
    store.put_domains(plan.new)
    store.put_pools(plan.pools)


def _certified(domains: Sequence[Mapping[str, Any]]) -> list[tuple[str, Source]]:
    """The certificates that the list brings, each with the domain that it stands under."""
    if not any(item.get("certificates") for item in domains):
        return []
    from ..certs.certificate import Source  # here, for most lists bring none

    return [
        (item["domain"], Source(f"domains[{index}].certificates[{number}]", **values))
        for index, item in enumerate(domains)
        for number, values in enumerate(item.get("certificates") or ())
    ]


def _refuse_stranger(label: str, certificate: Certificate, domain: str) -> None:
    if not covers(certificate, domain):
        problem = f"is for {certificate.domains.replace(' ', ', ')}, but not for {domain}"
        allowed = "Put a certificate under a domain that it is for"
        raise InvalidInput(label, certificate.name, problem, allowed)
