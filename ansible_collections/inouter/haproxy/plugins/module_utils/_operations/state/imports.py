# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving what an exported document says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.write import Outcome, write
from ..._model.certificate import CertificateKey
from ..._model.names import domain_name
from ..._reconcile.picture import EVERYTHING, Scope
from ..._store.store import Store
from ..domains.bulk import DomainsRequest


class Import:
    """Asks for what a document says; with `prune` for nothing else."""

    def __init__(self, instance: Instance, document: Mapping[str, Any], options: Any) -> None:
        prune, limit = options["prune"], options["prune_limit"]
        version = instance.running_version
        self.domains = DomainsRequest(document["domains"], prune, limit, version)
        self.certificates: Sequence[Mapping[str, Any]] = document["certificates"] or []
        self.prune = prune
        self.force = options["force"]
        self.contents: dict[CertificateKey, bytes] = {}
        self.left_out: list[str] = []

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Give the truth the domains and certificates; raises InvalidInput or Conflict."""
        scope = self.domains.edit(store, settings)
        self._put_certificates(store, settings)
        if self.prune:
            named = {_key(item, index) for index, item in enumerate(self.certificates)}
            for row in store.certificates():
                if row.key not in named:
                    store.put_certificate(row.key, None)
            return EVERYTHING
        return scope._replace(certificates=frozenset(self.contents)) if self.contents else scope

    def describe(self, store: Store) -> dict[str, Any]:
        """How many domains were added, changed and removed, and what was left out."""
        return {**self.domains.describe(store), "left_out": self.left_out}

    def _put_certificates(self, store: Store, settings: Settings) -> None:
        held = {row.key: row for row in store.certificates()}
        sources = []
        for index, item in enumerate(self.certificates):
            key, content = _key(item, index), item["content"]
            row = held.get(key)
            if content is not None:
                sources.append((index, key[0], content))
            elif row is None or row.fingerprint != item["fingerprint"]:
                shown = f"certificates[{index}]: {key[0]} ({key[1]})"
                self.left_out.append(
                    f"{shown} has no content, for it was exported without keys, and this host has"
                    " not the same. Export it with include_keys=true, or add it with haproxy_cert."
                )
        if sources:
            from ..certs.certificate import (  # here, for most documents bring none
                PutCertificates,
                Source,
            )

            put = PutCertificates(
                [Source(f"certificates[{n}]", name, text) for n, name, text in sources], self.force
            )
            put.edit(store, settings)
            self.contents = put.contents


def _key(item: Mapping[str, Any], index: int) -> CertificateKey:
    return domain_name(item["name"], f"certificates[{index}].name"), item["key_type"]


def import_document(
    instance: Instance, action: str, options: Mapping[str, Any], check_mode: bool
) -> Outcome:
    """Serve what the document says; see `_module/document.py` for its shape."""
    return write(instance, action, Import(instance, options["document"], options), check_mode)
