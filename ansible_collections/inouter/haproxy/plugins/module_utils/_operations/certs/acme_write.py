# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates from a CA: ordered, renewed and removed, and served through the same write."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..._instance.instance import Instance
from ..._instance.lock import locked
from ..._instance.write import Outcome, write
from ..._model.errors import HaproxyError, InvalidInput
from ..._model.names import domain_name
from ..._store import history
from ..._store.database import transaction
from ..setup import SetUp
from .acme import HTTP_01, Acme, AcmeFailed, Ordered
from .certificate import PutCertificates, RemoveCertificate, Source
from .write import write_certificates

ACTION = "haproxy_cert"
ORDER_SECONDS = 900  # acme.sh alone waits 100 s for a CA that does not answer

Rows = dict[tuple[str, Any], tuple[Any, Any]]

if TYPE_CHECKING:
    from ..._instance.request import Request


def issue(
    instance: Instance,
    acme: Acme,
    domains: Sequence[str],
    challenge: str,
    key_type: str,
    force: bool = False,
    check_mode: bool = False,
) -> Outcome:
    """Order a certificate for just these domains and serve it, unless it is there and not due."""
    names = [domain_name(domain, "domains") for domain in domains]
    planned = _planned(acme, names, key_type, force)
    if check_mode:
        return planned
    instance.review(planned)
    if challenge == HTTP_01:
        write(instance, ACTION, SetUp({"acme_thumbprint": acme.thumbprint()}))
    with _told(instance, f"issue {names[0]}"):
        acme.issue(names, challenge, key_type, force)
        ordered = [o for o in acme.ordered(names[0]) if o.key_type == key_type]
        for one in ordered:
            acme.hook(one)
    return write_certificates(instance, PutCertificates([_source(o) for o in ordered]), False)


def renew(
    instance: Instance,
    acme: Acme,
    name: str | None = None,
    force: bool = False,
    check_mode: bool = False,
) -> Outcome:
    """Renew what is due, of one name or of all; with `force` also what is not.

    All are tried; raises AcmeFailed with the CA's words for those that failed.
    """
    ordered = acme.ordered(domain_name(name, "name") if name else None)
    if name and not ordered:
        raise HaproxyError(f"name: {name!r} is not a certificate that acme.sh keeps.")
    due = [o for o in ordered if force or o.due <= time.time()]
    planned = _plan(dict(_orders(due)))
    if check_mode:
        return planned
    instance.review(planned)
    failed = [*_renewed(instance, acme, due, force), *_hooked(instance, acme, ordered)]
    usable, bad = _usable(ordered)
    outcome = write_certificates(instance, PutCertificates(usable), False)
    if failed or bad:
        raise AcmeFailed(" ".join([*failed, *bad]))
    return outcome


def _renewed(instance: Instance, acme: Acme, due: Sequence[Ordered], force: bool) -> Iterator[str]:
    """Renew all of these, and tell why some could not be."""
    for one in due:
        try:
            with _told(instance, f"renew {one.name}"):
                acme.renew(one, force)
        except AcmeFailed as error:
            yield str(error)


def _hooked(instance: Instance, acme: Acme, ordered: Sequence[Ordered]) -> Iterator[str]:
    """Have all of these served whoever renews them, and tell where that is not possible."""
    for one in ordered:
        try:
            with _told(instance, f"hook {one.name}"):
                acme.hook(one)
        except AcmeFailed as error:
            yield str(error)


def _usable(ordered: Sequence[Ordered]) -> tuple[list[Source], list[str]]:
    """What can be served, and what is wrong with the rest: one bad one harms no other."""
    usable, bad = [], []
    for one in ordered:
        try:
            _source(one).examined(force=False)
            usable.append(_source(one))
        except (InvalidInput, OSError) as error:
            bad.append(str(error))
    return usable, bad


def remove(instance: Instance, acme: Acme, name: str, force: bool, check_mode: bool) -> Outcome:
    """Stop serving a name's certificates, and let acme.sh forget them."""
    request: Request = RemoveCertificate(name, force)
    outcome = write_certificates(instance, request, check_mode)
    for one in acme.ordered(domain_name(name, "name")):
        outcome.changed = True
        if not check_mode:
            acme.remove(one)
    return outcome


def _source(ordered: Ordered) -> Source:
    return Source(f"acme.sh's {ordered.name}", ordered.name, content=ordered.content())


def _planned(acme: Acme, names: Sequence[str], key_type: str, force: bool) -> Outcome:
    same = [o for o in acme.ordered(names[0]) if o.domains == sorted(names)]
    found = [o for o in same if o.key_type == key_type]
    if found and not force and found[0].due > time.time():
        return _plan({})
    key = ("order for", " ".join(names))
    return _plan(dict(_orders(found)) or {key: (None, "to be made")})


def _plan(rows: Rows) -> Outcome:
    planned = Outcome(changed=bool(rows))
    planned.rows = rows
    return planned


def _orders(ordered: Sequence[Ordered]) -> Iterator[tuple[tuple[str, Any], tuple[Any, Any]]]:
    """What is to be renewed, in the shape of rows that change."""
    for one in ordered:
        until = time.strftime("due %Y-%m-%d", time.gmtime(one.due))
        yield ("order for", (one.name, one.key_type)), (until, "to be renewed")


@contextmanager
def _told(instance: Instance, what: str) -> Iterator[None]:
    """One call of acme.sh at a time, and a failure written into the history.

    So a renewal that fails at night is seen. acme.sh itself does not bear company in one home.
    """
    with locked(f"{instance.paths.run}/acme.lock", f"{ACTION} {what}", ORDER_SECONDS):
        try:
            yield
        except AcmeFailed as error:
            with instance.lock(ACTION), instance.store() as store:
                with transaction(store.connection):
                    generation = history.begin(store.connection, f"{ACTION} {what}", {})
                history.finish(store.connection, generation, history.REFUSED, str(error))
            raise
