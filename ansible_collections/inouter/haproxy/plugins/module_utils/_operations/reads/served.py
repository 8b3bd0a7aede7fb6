# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the truth says is served, for whom neither HAProxy nor its files matter. Read only."""

from __future__ import annotations

from typing import Any

from ..._instance.instance import Instance
from ..._model.certificate import Certificate
from ..._model.servers import pool_name
from ..._store.history import last_generation
from ..._store.store import Store
from .views import pool_view


def served(instance: Instance) -> dict[str, Any]:
    """The pools in use with their domains and servers, the certificates, and the generation."""
    with instance.reading() as store:
        return {
            "generation": last_generation(store.connection),
            "pools": _pools(store),
            "certificates": [_certificate(row) for row in store.certificates()],
        }


def _pools(store: Store) -> list[dict[str, Any]]:
    domains: dict[int, list[str]] = {}
    for row in store.domains():
        domains.setdefault(row.pool, []).append(row.domain)
    servers = store.pools(domains)
    return [
        {
            "pool": pool_name(pool),
            "domains": sorted(names),
            "servers": pool_view(pool, servers.get(pool, {})),
        }
        for pool, names in sorted(domains.items())
    ]


def _certificate(row: Certificate) -> dict[str, Any]:
    return {
        "name": row.name,
        "key_type": row.key_type,
        "domains": row.domains.split(),
        "fingerprint": row.fingerprint,
        "not_after": row.not_after,
    }
