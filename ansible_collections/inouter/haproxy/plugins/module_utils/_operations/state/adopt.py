# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking what runs into the database, with no change to traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._instance import kept
from ..._instance.instance import Instance
from ..._instance.rebuild import write_over
from ..._instance.settings import Settings
from ..._instance.write import Outcome
from ..._model.certificate import Certificate, CertificateKey, file_name
from ..._model.errors import Conflict, HaproxyError
from ..._reconcile.picture import EVERYTHING, Observed, Scope
from ..._store.store import Store
from . import whole
from .running import Running, running
from .salvage import new_database, salvaged
from .whole import Whole

_SHOWN = 10


class Adopt:
    """Asks that the database holds what runs.

    :param prune_limit: how many per cent of the domains the database may lose
    :param force: also where something that runs cannot be stored, or more would be lost
    """

    def __init__(self, instance: Instance, prune_limit: int, force: bool) -> None:
        self.instance = instance
        self.prune_limit = prune_limit
        self.force = force
        self.contents: dict[CertificateKey, bytes] = {}
        self.told: dict[str, Any] = {}

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Have rows for what runs.

        Raises Conflict where something that runs would be gone after it.
        """
        observed = self.instance.observe(settings, EVERYTHING)
        held = whole.read(store)
        found = running(observed, self.instance.places(settings), held, store.pool_count())
        certificates = self._certificates(observed, held, found.unclear)
        self._require_clear(found, held)
        whole.put(store, settings, Whole(found.domains, found.pools, certificates))
        left_out = [*found.unclear, *found.without_effect]
        self.told = {"adopted": _counts(found, certificates), "left_out": left_out}
        return EVERYTHING

    def describe(self, store: Store) -> dict[str, Any]:
        """How much was found, and what was left out and why."""
        return self.told

    def _require_clear(self, found: Running, held: Whole) -> None:
        lost = held.domains.keys() - found.domains.keys()
        if self.force:
            return
        if found.unclear:
            raise Conflict(
                f"What runs cannot be taken into the database as it is: {_some(found.unclear)} Put"
                " that right first, or give force=true to let it go."
            )
        if 100 * len(lost) > self.prune_limit * len(held.domains):
            raise Conflict(
                f"{len(lost)} of the {len(held.domains)} domains in the database do not run, such"
                f" as {min(lost)}; prune_limit allows {self.prune_limit} per cent. Use"
                " state=converged to have them served again, raise prune_limit, or give force=true"
                " to let them go."
            )

    def _certificates(
        self, observed: Observed, held: Whole, unclear: list[str]
    ) -> dict[CertificateKey, Certificate]:
        runtime = observed.runtime.certificates if observed.runtime else None
        if runtime is None:
            return (
                held.certificates if observed.runtime else self._of_files(observed, held, unclear)
            )
        known = {(file_name(key), row.sha1): row for key, row in held.certificates.items()}
        found = {}
        for name, sha1 in runtime.sha1s.items():
            if not runtime.entries.get(name):
                continue
            row = known.get((name, sha1)) or self._examined(name, observed, sha1)
            if (
                row is None
                or kept.content(self.instance.paths, row) is None
                and (row.key not in self.contents)
            ):
                unclear.append(f"The certificate {name} that is served is in no file with its key.")
            else:
                found[row.key] = row
        return found

    def _of_files(
        self, observed: Observed, held: Whole, unclear: list[str]
    ) -> dict[CertificateKey, Certificate]:
        known = {file_name(key): row for key, row in held.certificates.items()}
        found: dict[CertificateKey, Certificate] = {}
        for name in sorted(p.rpartition("/")[2] for p in observed.files if p.endswith(".pem")):
            try:
                row, content = self._of_file(name, known.get(name), observed)
            except HaproxyError as error:
                unclear.append(str(error))
                continue
            if found.setdefault(row.key, row) != row:
                unclear.append(f"{name}: another file has a certificate for {row.name} already.")
            elif content is not None:
                self.contents[row.key] = content
        return found

    def _of_file(
        self, name: str, row: Certificate | None, observed: Observed
    ) -> tuple[Certificate, bytes | None]:
        """The certificate in a file, with its content where the row does not have it already."""
        if row is not None and kept.content(self.instance.paths, row) is not None:
            return row, None
        return self._looked_into(name, observed)

    def _examined(self, name: str, observed: Observed, sha1: str) -> Certificate | None:
        """The certificate in the file of this name, where it is the one with this SHA-1."""
        try:
            row, content = self._looked_into(name, observed)
        except HaproxyError:
            return None
        if row.sha1 != sha1:
            return None
        self.contents[row.key] = content
        return row

    def _looked_into(self, name: str, observed: Observed) -> tuple[Certificate, bytes]:
        from ..._model.x509 import examine  # here, for it needs the library cryptography

        pem = observed.files.get(f"{self.instance.paths.certs}/{name}") or b""
        row, content = examine(pem.decode("utf-8", "replace"), name, force=True)
        stored = name.rpartition(".")[0].rpartition(".")[0].replace("_", "*", 1)
        if file_name((stored, row.key_type)) == name:
            row = row._replace(name=stored)
        return row, content


def adopt(instance: Instance, action: str, options: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Take what runs into the database, and into a new one where it is damaged or gone."""
    request = Adopt(instance, options["prune_limit"], options["force"])

    def rebuilt() -> bytes:
        return new_database(instance, salvaged(instance))

    outcome = write_over(instance, action, request, rebuilt, check_mode)
    outcome.described = outcome.described or {"adopted": {}, "left_out": []}
    return outcome


def _counts(found: Running, certificates: Mapping[Any, Any]) -> dict[str, int]:
    servers = sum(len(servers) for servers in found.pools.values())
    counts = {"domains": len(found.domains), "servers": servers}
    return {**counts, "certificates": len(certificates)}


def _some(reasons: Sequence[str]) -> str:
    more = f" And {len(reasons) - _SHOWN} more." if len(reasons) > _SHOWN else ""
    return " ".join(reasons[:_SHOWN]) + more
