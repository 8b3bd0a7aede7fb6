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
from ..._model.errors import Conflict
from ..._model.names import domain_name
from ..._reconcile.picture import EVERYTHING, Scope, scope_of
from ..._store.store import Store
from ..domains.bulk import DomainsRequest

_Given = tuple[str, str, str]
"""Where a certificate stands in the document, its name, and its PEM."""


class Import:
    """Asks for what a document says; with `prune` for nothing else."""

    def __init__(self, instance: Instance, document: Mapping[str, Any], options: Any) -> None:
        prune, limit = options["prune"], options["prune_limit"]
        version = instance.running_version
        force = options["force"]
        self.domains = DomainsRequest(document["domains"], prune, limit, version, force)
        self.certificates: Sequence[Mapping[str, Any]] = document["certificates"] or []
        self.prune = prune
        self.force = force
        self.contents: dict[CertificateKey, bytes] = {}
        self.left_out: list[str] = []

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Give the truth the domains and certificates; raises InvalidInput or Conflict."""
        scope = self.domains.edit(store, settings)
        self.contents = dict(self.domains.contents)
        scope |= self._put_certificates(store, settings)
        if self.prune:
            named = {_key(item, index) for index, item in enumerate(self.certificates)}
            for row in store.certificates():
                if row.key not in named | self.contents.keys():
                    store.put_certificate(row.key, None)
            return EVERYTHING
        return scope

    def describe(self, store: Store) -> dict[str, Any]:
        """How many domains were added, changed and removed, and what was left out."""
        return {**self.domains.describe(store), "left_out": self.left_out}

    def _put_certificates(self, store: Store, settings: Settings) -> Scope:
        held = {row.key: row for row in store.certificates()}
        given = []
        for index, item in enumerate(self.certificates):
            key, content = _key(item, index), item["content"]
            row = held.get(key)
            if content is not None:
                given.append((f"certificates[{index}]", key[0], content))
            elif row is None or row.fingerprint != item["fingerprint"]:
                shown = f"certificates[{index}]: {key[0]} ({key[1]})"
                self.left_out.append(
                    f"{shown} has no content, for it was exported without keys, and this host has"
                    " not the same. Export it with include_keys=true, or add it with haproxy_cert."
                )
        return self._bring(given, store, settings) if given else scope_of()

    def _bring(self, given: Sequence[_Given], store: Store, settings: Settings) -> Scope:
        from ..certs import certificate  # here, for most documents bring none

        sources = [certificate.Source(*item) for item in given]
        put = certificate.PutCertificates(sources, self.force)
        scope = put.edit(store, settings)
        for name, key_type in put.contents.keys() & self.contents.keys():
            raise Conflict(
                f"certificates: {name} ({key_type}) is in the certificates of a domain too. Leave"
                " one of them out."
            )
        self.contents.update(put.contents)
        return scope


def _key(item: Mapping[str, Any], index: int) -> CertificateKey:
    return domain_name(item["name"], f"certificates[{index}].name"), item["key_type"]


def import_document(
    instance: Instance, action: str, options: Mapping[str, Any], check_mode: bool
) -> Outcome:
    """Serve what the document says; see `_module/document.py` for its shape."""
    return write(instance, action, Import(instance, options["document"], options), check_mode)
