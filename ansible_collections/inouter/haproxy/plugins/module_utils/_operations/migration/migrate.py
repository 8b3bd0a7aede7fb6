# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over what the original system left, once, with no change to traffic."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ..._files import atomic
from ..._instance.instance import Instance
from ..._instance.rebuild import replace_database
from ..._instance.settings import Settings
from ..._instance.write import Outcome, write_locked
from ..._model.certificate import CertificateKey
from ..._model.errors import Conflict, HaproxyError
from ..._model.servers import Pool, pool_name
from ..._reconcile.picture import EVERYTHING, Scope, scope_of
from ..._store import watermark
from ..._store.store import Domain, Store
from ..setup import FOLDER_MODES, missing_folders
from ..state import whole
from ..state.salvage import new_database
from ..state.whole import Whole
from .running import compare_running, settings_of_running
from .sources import NAMES, Sources, holds_our_database
from .truth import Legacy, Verdict, verdict_views

MARK = "migrated"
_SHOWN = 10
_HERE = "this instance"


class Migrate:
    """Asks for the domains, servers and certificates of the original system."""

    def __init__(self, instance: Instance, legacy: Legacy, force: bool) -> None:
        self.instance = instance
        self.legacy = legacy
        self.force = force
        self.contents: dict[CertificateKey, bytes] = {}
        self.done = False

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Add rows for them; nothing where that was done before.

        Raises Conflict where an entry is unclear, unless it is told to leave it out.
        """
        if is_done(store):
            self.done = True
            return scope_of()
        held = whole.read(store)
        self._drop_conflicts(held)
        certificates = dict(held.certificates)
        for name, given in self.legacy.certificates.items():
            self._certificate(name, given, settings, certificates)
        require_clear(self.legacy, self.force)
        domains = {**held.domains, **self.legacy.domains}
        whole.put(
            store, settings, Whole(domains, {**held.pools, **self.legacy.pools}, certificates)
        )
        store.put_setting(MARK, datetime.now(timezone.utc).isoformat(timespec="seconds"))
        return EVERYTHING

    def describe(self, store: Store) -> dict[str, Any]:
        """What became of each entry."""
        return {"entries": [] if self.done else entries(self.legacy)}

    def _drop_conflicts(self, held: Whole) -> None:
        """What the instance serves itself stays."""
        users = {row.pool: row.domain for row in held.domains.values()}
        for name, row in list(self.legacy.domains.items()):
            present: Domain | None = held.domains.get(name)
            user = users.get(row.pool)
            if present is not None and present.pool != row.pool:
                reason = f"This instance has it in pool_{present.pool}."
            elif present is None and user is not None and user not in self.legacy.domains:
                reason = f"pool_{row.pool} serves {user} on this instance."
            else:
                continue
            self.legacy.refuse(_HERE, name, reason)
            del self.legacy.domains[name]
            self.legacy.pools.pop(row.pool, None)
        for pool in held.pools.keys() & self.legacy.pools.keys():
            left = self.legacy.pools.pop(pool)
            if left and _addresses(left) != _addresses(held.pools[pool]):
                reason = "It has other servers on this instance."
                self.legacy.refuse(_HERE, pool_name(pool), reason)

    def _certificate(
        self, name: str, given: str, settings: Settings, found: dict[CertificateKey, Any]
    ) -> None:
        from ..._model.x509 import examine  # here, for it needs the library cryptography

        if any(key[0] == name for key in found):
            return
        if not settings.https:
            reason = "This instance serves no HTTPS. Set haproxy_https_binds of the role first."
            self.legacy.refuse("certificates", name, reason)
            return
        pem = _pem(self.instance.paths.certs, kept_in(self.instance), given)
        try:
            row, content = examine(pem.decode("utf-8", "replace"), f"{given}.pem", name)
        except HaproxyError as error:
            self.legacy.refuse("certificates", name, str(error))
            return
        found[row.key], self.contents[row.key] = row, content


def _addresses(servers: Pool) -> dict[int, str]:
    return {slot: server.address for slot, server in servers.items()}


def is_done(store: Store) -> bool:
    """Whether the files were taken over before: they do not know what was changed since."""
    return MARK in store.settings()


def kept_in(instance: Instance) -> str:
    """The folder with copies of what was taken over."""
    return f"{instance.paths.data}/migrated"


def _pem(certs: str, kept: str, given: str) -> bytes:
    base = given[2:] if given.startswith("*.") else given
    for name in (given, given.replace("*", "_"), f"_wildcard.{base}", base):
        content = atomic.read(f"{certs}/{name}.pem") or atomic.read(f"{kept}/certs/{name}.pem")
        if content is not None:
            return content
    return b""


def migrate(
    instance: Instance, action: str, options: Mapping[str, Any], check_mode: bool
) -> Outcome:
    """Take over the files in `src`, which stay as they are; copies are kept below `data/`."""
    paths, force = instance.paths, options["force"]
    kept = kept_in(instance)
    sources = Sources([options["src"] or paths.conf, kept])
    legacy = sources.read()
    if holds_our_database(paths.conf):
        with instance.lock(action), instance.store() as store:
            if not check_mode and not is_done(store):
                sources.keep(kept, paths.certs)
            request = Migrate(instance, legacy, force)
            return write_locked(instance, store, action, request, check_mode)
    if not sources.contents:
        shown = ", ".join(NAMES)
        raise HaproxyError(f"src: there is nothing to take over in {paths.conf}: none of {shown}.")
    settings = settings_of_running(instance, legacy)
    compare_running(instance, settings, legacy)
    require_clear(legacy, force)
    if check_mode:
        return Outcome(changed=True, described={"entries": entries(legacy)})
    for path in missing_folders(instance):
        os.makedirs(path, FOLDER_MODES[os.path.basename(path)])
    with instance.lock(action):
        sources.keep(kept, paths.certs)
        # A database that is behind this can be used by nobody else before it is filled.
        watermark.write(paths.database, 1, settings.rows())
        replace_database(instance, new_database(instance, settings))
        with instance.store() as store:
            return write_locked(instance, store, action, Migrate(instance, legacy, force))


def require_clear(legacy: Legacy, force: bool) -> None:
    """Raise Conflict where an entry was not taken."""
    if legacy.unclear and not force:
        shown = [f"{v.source}, {v.entry}: {v.reason}" for v in legacy.unclear[:_SHOWN]]
        more = len(legacy.unclear) - len(shown)
        shown += [f"And {more} more."] if more else []
        raise Conflict(
            f"Nothing was changed, for some entries are unclear. {' '.join(shown)} Put them right,"
            " or give force=true to leave them out."
        )


def entries(legacy: Legacy) -> list[dict[str, Any]]:
    """What became of each entry."""
    found: Sequence[Verdict] = [*legacy.verdicts, *legacy.notes]
    return list(verdict_views(found))
