# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of what is served, as rows: read from one database, put into another."""

from __future__ import annotations

from typing import NamedTuple

from ..._instance.settings import Settings
from ..._model.certificate import Certificate, CertificateKey
from ..._model.errors import HaproxyError
from ..._model.servers import Pool
from ..._store.store import Domain, Store
from ..domains.choice import AskVersion, have_pools


class Whole(NamedTuple):
    """All domains by name, servers by pool, and certificates by name and key type."""

    domains: dict[str, Domain]
    pools: dict[int, Pool]
    certificates: dict[CertificateKey, Certificate]


def read(store: Store) -> Whole:
    """What the database holds."""
    domains = {row.domain: row for row in store.domains()}
    return Whole(domains, store.pools(), {row.key: row for row in store.certificates()})


def put(store: Store, settings: Settings, wanted: Whole, version: AskVersion | None = None) -> None:
    """Let the database hold exactly this; rows that are the same are not touched.

    Raises HaproxyError where the instance is too small for it.
    """
    used = {row.pool for row in wanted.domains.values()} | set(wanted.pools)
    have_pools(store, settings, max(used, default=0), version)
    _require_room(settings, wanted)
    held = read(store)
    store.delete_domains(held.domains.keys() - wanted.domains.keys())
    pools = {pool: wanted.pools.get(pool, {}) for pool in {*held.pools, *wanted.pools}}
    store.put_pools({p: servers for p, servers in pools.items() if servers != held.pools.get(p)})
    rows = wanted.domains.items()
    store.put_domains([row for domain, row in rows if held.domains.get(domain) != row])
    for key in {*held.certificates, *wanted.certificates}:
        store.put_certificate(key, wanted.certificates.get(key))


def _require_room(settings: Settings, wanted: Whole) -> None:
    slots = max((slot for servers in wanted.pools.values() for slot in servers), default=0)
    if slots > settings.pool_slots:
        raise HaproxyError(
            f"It needs {slots} slots a pool, but this instance has {settings.pool_slots}. Raise the"
            " role's haproxy_pool_slots first."
        )
    if wanted.certificates and not settings.https:
        raise HaproxyError(
            "It has certificates, but this instance serves no HTTPS. Set haproxy_https_binds of the"
            " role inouter.haproxy.haproxy first."
        )
