# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: how differences are removed, and how that is undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._files import atomic, crt_list
from .._files.atomic import PEM_MODE
from .._model.certificate import staged_name
from .._model.errors import Refused
from .._runtime import certificates as commands
from .._runtime.api import RuntimeApi
from .._runtime.commands import Command
from . import acme_map
from .certificates import differences_gone, differences_of, haproxy_path, listed_paths
from .compare import ACME, CERTIFICATE, CRT_ENTRY, CRT_LIST, FILES, PEM_FILE, RUNTIME, Difference
from .observe import Places
from .picture import Observed, Wanted, WantedCertificates


def load(
    api: RuntimeApi,
    places: Places,
    wanted: WantedCertificates,
    observed: Observed,
    differences: Sequence[Difference],
) -> None:
    """Give HAProxy what it lacks. Raises Refused; an unfinished transaction is dropped."""
    for d in _runtime_differences(differences, ACME):
        acme_map.change(api, places, d)
    listed = places.runtime_map(places.crt_list)
    missing = {d.key for d in _runtime_differences(differences, CRT_ENTRY) if not d.before}
    for d in _runtime_differences(differences, CERTIFICATE):
        pem, path = wanted.pems.get(d.key), f"{places.haproxy_certs}/{d.key}"
        if d.after is not None and pem is not None:
            added = [commands.add_to_crt_list(listed, path)] if d.key in missing else []
            missing.discard(d.key)
            _set(api, path, pem, d.before is None, added)
    api.do([commands.add_to_crt_list(listed, f"{places.haproxy_certs}/{n}") for n in missing])
    for d in _runtime_differences(differences, CRT_ENTRY):
        if d.after and d.before and observed.runtime and observed.runtime.certificates:
            path = f"{places.haproxy_certs}/{d.key}"
            lines = observed.runtime.certificates.entries[d.key][1:]
            api.do([commands.del_from_crt_list(listed, path, line) for line in lines])


def _set(api: RuntimeApi, path: str, pem: bytes, new: bool, then: Sequence[Command]) -> None:
    place = [commands.new_cert(path)] if new else []
    try:
        api.do([*place, commands.set_cert(path, pem)])
        api.do([commands.commit_cert(path), *then])
    except Refused:
        api.ask([commands.abort_cert(path)])
        raise


def store_files(
    places: Places, wanted: Wanted, observed: Observed, differences: Sequence[Difference]
) -> None:
    """Write the files: certificates before the list that names them, and away after it."""
    certificates = wanted.certificates
    if certificates is None:
        return
    files = [d for d in differences if d.side == FILES]
    _place(places, certificates, [d.key for d in files if d.kind == PEM_FILE and d.after])
    if any(d.kind == ACME for d in files):
        atomic.replace(places.acme_map, acme_map.content(certificates.thumbprint))
    if any(d.kind == CRT_LIST for d in files):
        names = listed_paths(certificates, wanted.scope, observed, places)
        atomic.replace(places.crt_list, crt_list.render(names))
    gone = [d.key for d in files if d.kind == PEM_FILE and d.after is None]
    atomic.remove_all(f"{places.certs}/{name}" for name in gone)


def _place(places: Places, certificates: WantedCertificates, names: Iterable[str]) -> None:
    """Put files in their places: those that are staged by their new names alone."""
    moves: dict[str, str] = {}
    for name in names:
        staged, path = f"{places.certs}/{staged_name(name)}", f"{places.certs}/{name}"
        pem = certificates.pems[name] or b""
        if atomic.read(staged) == pem:
            moves[staged] = path
        else:
            atomic.replace(path, pem, PEM_MODE)
    atomic.move_all(moves)


def unload(
    api: RuntimeApi, places: Places, observed: Observed, differences: Sequence[Difference]
) -> None:
    """Take from HAProxy what should not be there."""
    held = observed.runtime.certificates if observed.runtime else None
    if held is None:
        return
    listed = places.runtime_map(places.crt_list)
    for d in _runtime_differences(differences, CRT_ENTRY):
        if not d.after:
            path = haproxy_path(places, d.key)
            api.do([commands.del_from_crt_list(listed, path, n) for n in held.entries[d.key]])
    for d in _runtime_differences(differences, CERTIFICATE):
        if d.after is None:
            api.do([commands.del_cert(f"{places.haproxy_certs}/{d.key}")])


def undo(api: RuntimeApi, places: Places, before: Observed, after: Observed) -> None:
    """Bring HAProxy back to the certificates that it had; the files are back already."""
    held = before.runtime.certificates if before.runtime else None
    now = after.runtime.certificates if after.runtime else None
    if held is None or now is None:
        return
    pems = {name: before.files.get(f"{places.certs}/{name}") for name in held.sha1s}
    wanted = WantedCertificates(pems, held.sha1s, set(now.sha1s) - set(held.sha1s))
    found: list[Difference] = []
    for name, pem in pems.items():
        found += [] if pem is None else differences_of(name, pem, held.sha1s[name], after, places)
    for name in wanted.gone:
        found += differences_gone(name, after, places)
    if now.thumbprint != held.thumbprint:
        found.append(Difference(RUNTIME, ACME, "", now.thumbprint or None, held.thumbprint or None))
    load(api, places, wanted, after, found)
    unload(api, places, after, found)


def _runtime_differences(differences: Sequence[Difference], kind: str) -> list[Difference]:
    return [d for d in differences if d.side == RUNTIME and d.kind == kind]
