# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, renewing and removing certificates in the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..._files import atomic
from ..._instance.settings import Settings
from ..._model.certificate import KEY_TYPES, Certificate, CertificateKey, covers
from ..._model.errors import Conflict, InvalidInput
from ..._model.names import domain_name
from ..._model.x509 import examine
from ..._reconcile.picture import Scope, scope_of
from ..._store.store import Store
from .list import certificate_view


class Source(NamedTuple):
    """Where one certificate comes from; see the module haproxy_cert for each option.

    :param label: where it stands in the task, for errors, or empty
    """

    label: str = ""
    name: str | None = None
    content: str | None = None
    src: str | None = None
    key_content: str | None = None
    key_src: str | None = None
    domains: Sequence[str] = ()

    def examined(self, force: bool) -> tuple[Certificate, bytes]:
        """The certificate and its file; raises InvalidInput."""
        option = self._option("content", "src", self.content)
        text = _text(self.content, self.src, option)
        if self.key_content is not None or self.key_src is not None:
            key_option = self._option("key_content", "key_src", self.key_content)
            text += "\n" + _text(self.key_content, self.key_src, key_option)
        return examine(text, option, self.name, self.domains, force)

    def _option(self, inline: str, path: str, content: str | None) -> str:
        name = path if content is None else inline
        return f"{self.label}.{name}" if self.label else name


def sources(options: Mapping[str, Any]) -> list[Source]:
    """The certificates that a task names."""
    if options["certificates"] is None:
        return [_source(options, "")]
    return [_source(o, f"certificates[{n}]") for n, o in enumerate(options["certificates"])]


def _source(options: Mapping[str, Any], label: str) -> Source:
    given = {name: options[name] for name in Source._fields if name != "label"}
    return Source(label, **given)


def _text(content: str | None, src: str | None, option: str) -> str:
    if content is not None:
        return content
    found = atomic.read(src) if src is not None else None
    if found is None:
        allowed = "Give content, or src with the path of a file on this host"
        raise InvalidInput(option, src, "is not there", allowed)
    return found.decode("utf-8", "replace")


class PutCertificates:
    """Asks that these certificates are served."""

    def __init__(self, sources: Sequence[Source], force: bool = False) -> None:
        self.sources = sources
        self.force = force
        self.contents: dict[CertificateKey, bytes] = {}

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Add them, or replace those of the same name and key type."""
        if not settings.https:
            raise Conflict(
                "This instance serves no HTTPS. Set haproxy_https_binds of the role"
                " inouter.haproxy.haproxy first."
            )
        for source in self.sources:
            row, pem = source.examined(self.force)
            if row.key in self.contents:
                twin = self.sources[list(self.contents).index(row.key)].label
                shown = f"{row.name} ({row.key_type})"
                raise Conflict(f"{source.label}: {shown} is in {twin} too. Leave one of them out.")
            self.contents[row.key] = pem
            store.put_certificate(row.key, row)
        return scope_of(certificates=self.contents)

    def describe(self, store: Store) -> dict[str, Any]:
        """The certificates as they are stored."""
        rows = store.certificates(list(self.contents))
        return {"certificates": [certificate_view(row) for row in rows]}


class RemoveCertificate:
    """Asks that a name has no certificate any more."""

    def __init__(self, name: str, force: bool = False) -> None:
        self.name = domain_name(name, "name")
        self.force = force

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Remove it, of either key type; raises Conflict where a domain needs it."""
        keys = [(self.name, key_type) for key_type in KEY_TYPES]
        rows = store.certificates(keys)
        if not self.force:
            _refuse_needed(store, rows)
        for key in keys:
            store.put_certificate(key, None)
        return scope_of(certificates=keys)

    def describe(self, store: Store) -> dict[str, Any]:
        """Nothing: it is gone."""
        return {"certificates": []}


def _refuse_needed(store: Store, rows: Sequence[Certificate]) -> None:
    needed = list(_needed(store, rows))
    if needed:
        more = f" and {len(needed) - 3} more" if len(needed) > 3 else ""
        raise Conflict(
            f"name: {rows[0].name!r} is the only certificate of {', '.join(needed[:3])}{more}."
            " Add another one first, or give force=true to remove it all the same."
        )


def _needed(store: Store, rows: Sequence[Certificate]) -> Iterator[str]:
    if not rows:
        return
    others = [row for row in store.certificates() if row.name != rows[0].name]
    for domain in (found.domain for found in store.domains()):
        covered = any(covers(row, domain) for row in rows)
        if covered and not any(covers(row, domain) for row in others):
            yield domain
