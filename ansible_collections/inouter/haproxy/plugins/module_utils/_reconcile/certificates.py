# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: what HAProxy and the files hold, what differs, and how that is removed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from .._files import atomic, crt_list
from .._files.atomic import PEM_MODE
from .._model.certificate import file_name, staged_name
from .._model.errors import Refused
from .._runtime import certificates as commands
from .._runtime.api import RuntimeApi
from .._runtime.commands import Command
from . import acme_map
from .compare import ACME, CERTIFICATE, CRT_ENTRY, CRT_LIST, FILES, PEM_FILE, RUNTIME, Difference
from .observe import Places
from .picture import Observed, RuntimeCertificates, Scope, Wanted, WantedCertificates


def observe(api: RuntimeApi, places: Places, scope: Scope, observed: Observed) -> Observed:
    """The same with what HAProxy and the files hold of certificates."""
    files = dict(observed.files)
    for path in (places.crt_list, places.acme_map):
        files[path] = atomic.read(path)
    names = {file_name(key) for key in scope.certificates or ()}
    runtime = observed.runtime
    if runtime is not None:
        runtime = runtime._replace(certificates=_runtime(api, places, names, scope))
    if scope.certificates is None:
        names = _listed(places, files) | set(_stored(places))
    for name in names:
        files[f"{places.certs}/{name}"] = atomic.read(f"{places.certs}/{name}")
    return Observed(runtime, files)


def _stored(places: Places) -> list[str]:
    found = os.listdir(places.certs) if os.path.isdir(places.certs) else []
    return [name for name in found if name.endswith(".pem") and not name.startswith(".")]


def _listed(places: Places, files: dict[str, bytes | None]) -> set[str]:
    return {path.rpartition("/")[2] for path in crt_list.paths(files[places.crt_list])}


def _runtime(
    api: RuntimeApi, places: Places, names: set[str], scope: Scope
) -> RuntimeCertificates | None:
    """None where HAProxy does not use the crt-list, as without HTTPS."""
    crt_list_path = places.runtime_map(places.crt_list)
    listing, all_held = api.ask([commands.show_crt_list(crt_list_path), commands.show_certs()])
    if not listing.startswith("# "):
        return None
    found = commands.entries(listing)
    entries = {path.rpartition("/")[2]: lines for path, lines in found.items()}
    if scope.certificates is None:
        names = commands.held(all_held, places.haproxy_certs)
    asked = sorted(names)
    replies = api.ask([commands.show_cert(f"{places.haproxy_certs}/{name}") for name in asked])
    sha1s = {name: commands.sha1(reply) for name, reply in zip(asked, replies)}
    held = {name: sha1 for name, sha1 in sha1s.items() if sha1 is not None}
    return RuntimeCertificates(held, entries, acme_map.held(api, places))


def compare(
    wanted: WantedCertificates, scope: Scope, observed: Observed, places: Places
) -> list[Difference]:
    """Every difference; contents are shown by their digests only."""
    found: list[Difference] = []
    for name, pem in wanted.pems.items():
        if pem is not None:
            found += _one(name, pem, wanted.sha1s[name], observed, places)
    for name in _superfluous(wanted, scope, observed):
        found += _gone(name, observed, places)
    content = observed.files[places.crt_list]
    if content != crt_list.render(_paths(wanted, scope, observed, places)):
        before = None if content is None else _digest(content)
        found.append(Difference(FILES, CRT_LIST, places.crt_list, before, "as it should be"))
    return [*found, *acme_map.compare(wanted.thumbprint, observed, places)]


def _one(
    name: str, pem: bytes, sha1: str, observed: Observed, places: Places
) -> Iterable[Difference]:
    content = observed.files.get(f"{places.certs}/{name}")
    runtime = observed.runtime.certificates if observed.runtime else None
    if runtime is not None:
        held, lines = runtime.sha1s.get(name), runtime.entries.get(name, [])
        if held != sha1 or (content != pem and content is not None):
            yield Difference(RUNTIME, CERTIFICATE, name, held, sha1)
        if len(lines) != 1:
            yield Difference(RUNTIME, CRT_ENTRY, name, len(lines), 1)
    if content != pem:
        before = None if content is None else _digest(content)
        yield Difference(FILES, PEM_FILE, name, before, _digest(pem))


def _gone(name: str, observed: Observed, places: Places) -> Iterable[Difference]:
    runtime = observed.runtime.certificates if observed.runtime else None
    if runtime is not None and runtime.entries.get(name):
        yield Difference(RUNTIME, CRT_ENTRY, name, len(runtime.entries[name]), 0)
    if runtime is not None and name in runtime.sha1s:
        yield Difference(RUNTIME, CERTIFICATE, name, runtime.sha1s[name], None)
    content = observed.files.get(f"{places.certs}/{name}")
    if content is not None:
        yield Difference(FILES, PEM_FILE, name, _digest(content), None)


def _superfluous(wanted: WantedCertificates, scope: Scope, observed: Observed) -> list[str]:
    names = set(wanted.gone)
    runtime = observed.runtime.certificates if observed.runtime else None
    if scope.certificates is None and runtime is not None:
        names |= {*runtime.entries, *runtime.sha1s} - set(wanted.pems)
    return sorted(names)


def _paths(
    wanted: WantedCertificates, scope: Scope, observed: Observed, places: Places
) -> list[str]:
    """What the crt-list should name: what is intact, and in a narrow scope what it named."""
    names = {name for name, pem in wanted.pems.items() if pem is not None}
    if scope.certificates is not None:
        touched = set(wanted.pems) | wanted.gone
        names |= _listed(places, observed.files) - touched
    return [f"{places.haproxy_certs}/{name}" for name in names]


def _digest(content: bytes) -> str:
    return f"SHA-256 {hashlib.sha256(content).hexdigest()[:16]}"


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
        names = _paths(certificates, wanted.scope, observed, places)
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
            path = f"{places.haproxy_certs}/{d.key}"
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
        found += [] if pem is None else _one(name, pem, held.sha1s[name], after, places)
    for name in wanted.gone:
        found += _gone(name, after, places)
    if now.thumbprint != held.thumbprint:
        found.append(Difference(RUNTIME, ACME, "", now.thumbprint or None, held.thumbprint or None))
    load(api, places, wanted, after, found)
    unload(api, places, after, found)


def _runtime_differences(differences: Sequence[Difference], kind: str) -> list[Difference]:
    return [d for d in differences if d.side == RUNTIME and d.kind == kind]
