# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: what HAProxy and the files hold, and what differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from .._files import atomic, crt_list
from .._model.certificate import file_name
from .._runtime import certificates as commands
from .._runtime.api import RuntimeApi
from . import acme_map
from .compare import CERTIFICATE, CRT_ENTRY, CRT_LIST, FILES, PEM_FILE, RUNTIME, Difference
from .observe import Places
from .picture import Observed, RuntimeCertificates, Scope, WantedCertificates


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
    return observed._replace(runtime=runtime, files=files)


def _stored(places: Places) -> list[str]:
    found = os.listdir(places.certs) if os.path.isdir(places.certs) else []
    return [name for name in found if name.endswith(".pem") and not name.startswith(".")]


def _listed(places: Places, files: dict[str, bytes | None]) -> set[str]:
    names = {_name(places, path) for path in crt_list.paths(files[places.crt_list])}
    return {name for name in names if "/" not in name}


def _name(places: Places, path: str) -> str:
    """The name of a file of ours, by the path that HAProxy uses; others keep their path."""
    folder, _slash, name = path.rpartition("/")
    return name if folder == places.haproxy_certs else path


def haproxy_path(places: Places, name: str) -> str:
    """The path that HAProxy uses."""
    return name if "/" in name else f"{places.haproxy_certs}/{name}"


def _runtime(
    api: RuntimeApi, places: Places, names: set[str], scope: Scope
) -> RuntimeCertificates | None:
    """None where HAProxy does not use the crt-list, as without HTTPS."""
    crt_list_path = places.runtime_map(places.crt_list)
    listing, all_held = api.ask([commands.show_crt_list(crt_list_path), commands.show_certs()])
    if not listing.startswith("# "):
        return None
    entries = {_name(places, p): lines for p, lines in commands.entries(listing).items()}
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
            found += differences_of(name, pem, wanted.sha1s[name], observed, places)
    for name in _superfluous(wanted, scope, observed):
        found += differences_gone(name, observed, places)
    content = observed.files[places.crt_list]
    if content != crt_list.render(listed_paths(wanted, scope, observed, places)):
        before = None if content is None else _digest(content)
        found.append(Difference(FILES, CRT_LIST, places.crt_list, before, "as it should be"))
    return [*found, *acme_map.compare(wanted.thumbprint, observed, places)]


def lost(wanted: WantedCertificates, observed: Observed, certs: str) -> list[Difference]:
    """Certificates of which no intact file is left: only haproxy_cert can bring them back.

    None of these is a difference that `apply` could remove.
    """
    runtime = observed.runtime.certificates if observed.runtime else None
    found: list[Difference] = []
    for name in sorted(name for name, pem in wanted.pems.items() if pem is None):
        sha1 = wanted.sha1s[name]
        damage = "missing" if observed.files.get(f"{certs}/{name}") is None else "damaged"
        found.append(Difference(FILES, CERTIFICATE, name, damage, sha1))
        if runtime is not None and runtime.sha1s.get(name) != sha1:
            found.append(Difference(RUNTIME, CERTIFICATE, name, runtime.sha1s.get(name), sha1))
    return found


def differences_of(
    name: str, pem: bytes, sha1: str, observed: Observed, places: Places
) -> Iterable[Difference]:
    """How one certificate that should be served differs."""
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


def differences_gone(name: str, observed: Observed, places: Places) -> Iterable[Difference]:
    """Where one certificate that should not be there is."""
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


def listed_paths(
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
