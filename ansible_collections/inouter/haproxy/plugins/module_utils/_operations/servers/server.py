# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, changing and removing servers of one domain's pool in the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..._instance.settings import Settings
from ..._model.errors import Conflict, InvalidInput
from ..._model.servers import MAX_WEIGHT, STATES, Pool, pool_name, whole_number
from ..._reconcile.picture import Scope, scope_of
from ..._store.store import Store, existing_domain
from ..reads.views import pool_view
from .slots import Entry, entries, entry, merge

PRESENT, ABSENT = "present", "absent"


class ServerRequest(NamedTuple):
    """What a task asks for servers; see the module haproxy_server for each option."""

    domain: str
    state: str = PRESENT
    slot: int | None = None
    ip: str | None = None
    http_port: int = 80
    weight: int | None = None
    servers: Sequence[Mapping[str, Any]] | None = None

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Carry the request out on the truth; returns what it looked at."""
        row = existing_domain(store, self.domain)
        present = store.servers(row.pool)
        store.put_servers(row.pool, self._after(present, settings.pool_slots))
        return scope_of([row.domain], [row.pool])

    def describe(self, store: Store) -> dict[str, Any]:
        """The domain's pool and its servers."""
        row = existing_domain(store, self.domain)
        servers = pool_view(row.pool, store.servers(row.pool))
        return {"domain": row.domain, "pool": pool_name(row.pool), "servers": servers}

    def slots(self, store: Store, settings: Settings) -> tuple[int, list[int]]:
        """The pool, and those of its slots that the request names and that hold a server."""
        row = existing_domain(store, self.domain)
        present = store.servers(row.pool)
        named = self._entries(settings.pool_slots)
        return row.pool, sorted(present if named is None else _held(named, present))

    def _after(self, present: Pool, slots: int) -> Pool:
        named = self._entries(slots)
        if self.state == ABSENT:
            gone = _held(self._required(named), present)
            return {slot: server for slot, server in present.items() if slot not in gone}
        if named is None:
            return self._all(present)
        return merge(present, named, slots)

    def _all(self, present: Pool) -> Pool:
        if self.weight is not None:
            whole_number(self.weight, "weight", 0, MAX_WEIGHT)
        if self.state == PRESENT and self.weight is None:
            self._required(None)
        return {
            slot: server._replace(
                weight=server.weight if self.weight is None else self.weight,
                state=self._admin_state or server.state,
            )
            for slot, server in present.items()
        }

    def _entries(self, slots: int) -> list[Entry] | None:
        defaults = {"weight": self.weight, "state": self._admin_state}
        if self.servers is not None:
            if self.slot is not None or self.ip is not None:
                raise Conflict("Give either servers or slot and ip, not both.")
            given = [{k: v for k, v in s.items() if v is not None} for s in self.servers]
            return entries([{**defaults, **values} for values in given], slots)
        if self.slot is None and self.ip is None:
            return None
        if not self.slot and self.ip is None:
            allowed = "Give ip with it, or a slot from 1"
            raise InvalidInput("slot", self.slot, "names no server", allowed)
        values = {"slot": self.slot, "ip": self.ip, "http_port": self.http_port}
        return [entry({**defaults, **values}, slots)]

    @property
    def _admin_state(self) -> str | None:
        return self.state if self.state in STATES else None

    def _required(self, named: list[Entry] | None) -> list[Entry]:
        if named is None:
            raise Conflict(
                f"state={self.state} needs to know which server of {self.domain} is meant:"
                " give slot, ip or servers."
            )
        return named


def _held(named: Iterable[Entry], present: Pool) -> set[int]:
    found = {item.slot for item in named if item.slot}
    addresses = {(item.ip, item.http_port) for item in named if item.ip and not item.slot}
    found |= {s for s, server in present.items() if (server.ip, server.http_port) in addresses}
    return found & set(present)
