# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to what the truth was at an earlier generation."""

from __future__ import annotations

from typing import Any

from ..._instance import kept
from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._model.certificate import CertificateKey, file_name
from ..._model.errors import Damaged, HaproxyError
from ..._reconcile.picture import EVERYTHING, Scope, scope_of
from ..._store import digest, past
from ..._store.digest import Key
from ..._store.history import newest_digest
from ..._store.store import Domain, Store

# More names than these are read faster as a whole than one by one.
_NARROW = 500
# How an instance is laid out belongs to its role, not to what is served.
_SERVED = ("domain", "pool", "certificate")


class RollBack:
    """Asks for the domains, servers and certificates of an earlier generation.

    :param fence: whether it is a generation of its own also where nothing has changed since
    """

    def __init__(self, instance: Instance, generation: int, fence: bool = False) -> None:
        self.instance = instance
        self.generation = generation
        self.fence = fence
        self.contents: dict[CertificateKey, bytes] = {}

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Give each row that has changed since the value that it had then.

        Raises HaproxyError where that generation is too old or its certificates are lost, Damaged
        where the history does not lead to what was noted of that generation.
        """
        values = past.values_at(store.connection, self.generation)
        present = store.values(values)
        pairs = {key: (present[key], value) for key, value in values.items()}
        self._check(store, pairs)
        served = {key: pair for key, pair in pairs.items() if key[0] in _SERVED}
        self._find_certificates(served)
        store.put_back({key: (then, now) for key, (now, then) in served.items()})
        return _scope(served)

    def describe(self, store: Store) -> dict[str, Any]:
        """Which generation's state this is."""
        return {"rolled_back_to": self.generation}

    def _check(self, store: Store, pairs: dict[Key, tuple[Any, Any]]) -> None:
        _newest, known = newest_digest(store.connection)
        then = past.digest_at(store.connection, self.generation)
        if known and then and digest.moved(known, pairs) != then:
            raise Damaged(f"The history does not lead back to generation {self.generation}.")

    def _find_certificates(self, served: dict[Key, tuple[Any, Any]]) -> None:
        for (kind, name), (now, then) in served.items():
            if kind == "certificate" and then is not None and then != now:
                pem = kept.content(self.instance.paths, then)
                if pem is None:
                    raise HaproxyError(
                        f"generation: {self.generation} served a certificate, {file_name(name)},"
                        " whose key is not on this host any more. Bring it back with haproxy_cert,"
                        " or restore a backup."
                    )
                self.contents[name] = pem


def _scope(served: dict[Key, tuple[Any, Any]]) -> Scope:
    if len(served) > _NARROW:
        return EVERYTHING
    domains = [name for kind, name in served if kind == "domain"]
    rows = [row for pair in served.values() for row in pair if isinstance(row, Domain)]
    pools = {name for kind, name in served if kind == "pool"} | {row.pool for row in rows}
    return scope_of(domains, pools, [name for kind, name in served if kind == "certificate"])
