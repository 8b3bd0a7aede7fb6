# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One managed HAProxy: where its things are, and the door to its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from .._files import pool_file
from .._model import profiles
from .._model.certificate import CertificateKey
from .._model.errors import Damaged, NotRunning
from .._model.servers import FREE, Server, pool_name
from .._reconcile.observe import Places, observe
from .._reconcile.picture import (
    Observed,
    Scope,
    SlotKey,
    Wanted,
    WantedCertificates,
)
from .._runtime.api import RuntimeApi
from .._store import database
from .._store.store import Store
from .lock import locked
from .settings import Settings, safe_folder

DEFAULT_BASE_DIR = "/opt/haproxy"
DEFAULT_LOCK_TIMEOUT = 60


class Paths:
    """The files and folders below an instance's `base_dir`."""

    def __init__(self, base_dir: str) -> None:
        self.base = base_dir
        self.conf = f"{base_dir}/conf"
        self.run = f"{base_dir}/run"
        self.data = f"{base_dir}/data"
        self.certs = f"{base_dir}/certs"
        self.config = f"{self.conf}/haproxy.cfg"
        self.pools = f"{self.conf}/pools"
        self.kept = f"{self.data}/certificates"
        self.backups = f"{self.data}/backups"
        self.database = f"{self.conf}/haproxy_mcp.db"
        self.lock = f"{self.run}/inouter.lock"
        self.admin_socket = f"{self.run}/admin.sock"
        self.master_socket = f"{self.run}/master.sock"


class Instance:
    """Opens the parts of one managed HAProxy; holds no truth of its own."""

    def __init__(
        self,
        base_dir: str = DEFAULT_BASE_DIR,
        runtime_api: str = "",
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
        expected_generation: int | None = None,
    ) -> None:
        self.paths = Paths(safe_folder(base_dir, "base_dir"))
        self.api = RuntimeApi(runtime_api or self.paths.admin_socket)
        self.lock_timeout = lock_timeout
        self.expected_generation = expected_generation
        self.review: Callable[[Any], None] = no_review
        """Sees what is about to be done, before anything changes, and may raise."""

    def lock(self, action: str) -> AbstractContextManager[None]:
        """The host's lock, held for `action`."""
        return locked(self.paths.lock, action, self.lock_timeout)

    def require(self) -> None:
        """Raise NoDatabase where the host is not set up, Damaged where the database is gone."""
        with self._advised():
            database.require(self.paths.database)

    def create_database(self) -> bool:
        """Make the database, or bring it to the present schema; True where it changed."""
        with self._advised():
            return database.create(self.paths.database)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The truth, open. Raises Damaged, saying what to do, for a database that is."""
        with self._advised(), database.opened(self.paths.database) as connection:
            yield Store(connection)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The truth of one moment, for those who read without the lock beside others' writes."""
        with self.store() as store, database.snapshot(store.connection):
            yield store

    @contextmanager
    def _advised(self) -> Iterator[None]:
        try:
            yield
        except Damaged as error:
            from .advice import advised  # here, for a sound database needs none

            raise advised(self.paths, error) from error

    def places(self, settings: Settings) -> Places:
        """Where maps and pool files are."""
        conf = settings.haproxy_conf or self.paths.conf
        return Places(self.paths.conf, conf, self.paths.certs, settings.haproxy_certs)

    def wanted(
        self,
        store: Store,
        settings: Settings,
        scope: Scope,
        contents: Mapping[CertificateKey, bytes] | None = None,
    ) -> Wanted:
        """What the truth says in this scope; `contents` are certificates that a write brings."""
        scope = effective(scope, settings)
        numbers = pools_of(scope, settings)
        servers = store.pools(scope.pools)
        named = profiles.read(settings.pool_profiles)
        slots: dict[SlotKey, Server] = {}
        files = {}
        for pool in numbers:
            held = servers.get(pool, {})
            count = settings.pool_slots
            slots.update({(pool, s): held.get(s, FREE) for s in range(1, count + 1)})
            files[pool] = pool_file.render(pool, held, count, profiles.of_pool(named, pool))
        routes = {row.domain: pool_name(row.pool) for row in store.domains(scope.domains)}
        certificates = self._certificates(store, scope, contents or {})
        return Wanted(scope, routes, slots, files, lambda: all_routes(store), certificates)

    def _certificates(
        self, store: Store, scope: Scope, contents: Mapping[CertificateKey, bytes]
    ) -> WantedCertificates | None:
        if scope.certificates is not None and not scope.certificates:
            return None
        from .certificates import wanted  # here, for most writes have nothing to do with them

        return wanted(self.paths, store, scope, contents)

    def running_version(self) -> tuple[int, int] | None:
        """The version of the HAProxy that runs, or None where none does."""
        from .._runtime import commands, version  # here, for hardly any write asks for it

        try:
            (reply,) = self.api.ask([commands.show_version()])
        except NotRunning:
            return None
        return version.require_supported(reply)

    def observe(self, settings: Settings, scope: Scope) -> Observed:
        """What HAProxy and the files hold in this scope."""
        scope = effective(scope, settings)
        return observe(self.api, self.places(settings), scope, pools_of(scope, settings))


def no_review(plan: Any) -> None:
    """Agree with whatever is about to be done."""


def effective(scope: Scope, settings: Settings) -> Scope:
    """The scope with all certificates, or none, as far as the instance serves HTTPS."""
    if not settings.https:
        return scope._replace(certificates=frozenset())
    return scope._replace(certificates=None) if scope.everything else scope


def pools_of(scope: Scope, settings: Settings) -> frozenset[int]:
    """The numbers of the pools in a scope."""
    if scope.pools is not None:
        return scope.pools
    return frozenset(range(1, settings.pools + 1))


def all_routes(store: Store) -> Iterator[tuple[str, str]]:
    """Every domain with its pool's name."""
    return ((row.domain, pool_name(row.pool)) for row in store.domains())
