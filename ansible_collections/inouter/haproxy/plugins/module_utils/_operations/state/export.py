# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One document with all that is served, in the shape that haproxy_domains and haproxy_cert take."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from ..._files import atomic
from ..._instance import kept
from ..._instance.guard import require_newest, suspicious
from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.write import Outcome
from ..._model.certificate import Certificate, file_name
from ..._model.errors import HaproxyError, InvalidInput
from ..._model.servers import Pool, pool_name
from ..._store import history
from ..._store.damage import require_sound
from ..._store.store import Domain, Store
from ..reads.offsets import cursor_behind

FILE_MODE = 0o600
Document = dict[str, Any]


def document(instance: Instance, keys: bool) -> Document:
    """`settings`, `domains` and `certificates`; with `keys` also the certificates' content."""
    return _document(instance, keys)[0]


def document_page(instance: Instance, offset: int = 0, limit: int = 100) -> Document:
    """A part of the document without keys: so many of its domains, and then certificates.

    `total` counts both. Pages with the same `generation` belong together.
    """
    whole, generation = _document(instance, keys=False)
    domains, certificates = whole["domains"], whole["certificates"]
    begin, end = (max(0, number - len(domains)) for number in (offset, offset + limit))
    total = len(domains) + len(certificates)
    return {
        **whole,
        "domains": domains[offset : offset + limit],
        "certificates": certificates[begin:end],
        "generation": generation,
        "total": total,
        "next_cursor": cursor_behind(offset, limit, total),
    }


def _document(instance: Instance, keys: bool) -> tuple[Document, int]:
    """The document, and the generation that it is of."""
    with instance.reading() as store, suspicious(store):
        require_newest(instance.paths.database, store)
        require_sound(store)
        generation = history.last_generation(store.connection)
        settings = Settings.of_rows(store.settings())
        pools = store.pools()
        found = {
            "settings": {name: getattr(settings, name) for name in ("pool_count", "pool_slots")},
            "domains": list(_domains(store, pools)),
            "certificates": [_certificate(instance, row, keys) for row in store.certificates()],
        }
        return found, generation


def _domains(store: Store, pools: dict[int, Pool]) -> Iterator[Document]:
    """Those with a pool of their own first, for the others name them."""
    rows = list(store.domains())
    yield from (_domain(row, pools.get(row.pool, {})) for row in rows if not row.share_with)
    for row in (row for row in rows if row.share_with):
        yield {"domain": row.domain, "share_with": row.share_with}


def _domain(row: Domain, servers: Pool) -> Document:
    listed = [{"slot": slot, **server._asdict()} for slot, server in sorted(servers.items())]
    return {"domain": row.domain, "pool": pool_name(row.pool), "servers": listed}


def _certificate(instance: Instance, row: Certificate, keys: bool) -> Document:
    known = {"name": row.name, "key_type": row.key_type, "domains": row.domains.split()}
    view = {**known, "fingerprint": row.fingerprint, "not_after": row.not_after}
    if not keys:
        return view
    pem = kept.content(instance.paths, row)
    if pem is None:
        raise HaproxyError(
            f"The certificate {file_name(row.key)} has no intact file, so its key cannot be"
            " exported. Bring it back with haproxy_cert, or export without keys."
        )
    return {**view, "content": pem.decode("ascii")}


def export(instance: Instance, action: str, dest: str, keys: bool, check_mode: bool) -> Outcome:
    """Write the document to a file on the host, as JSON, for its owner alone."""
    if not os.path.isdir(os.path.dirname(dest) or "."):
        raise InvalidInput("dest", dest, "is in no folder", "The folder has to be there already")
    instance.require()
    with instance.lock(action):
        found, generation = _document(instance, keys)
        content = f"{json.dumps(found, indent=2)}\n".encode("ascii")
        outcome = Outcome(changed=atomic.read(dest) != content, described={"dest": dest})
        outcome.generation = generation
        if outcome.changed and not check_mode:
            if os.path.exists(dest):
                os.chmod(dest, FILE_MODE)
            atomic.replace(dest, content, FILE_MODE)
    outcome.persisted = outcome.verified = atomic.read(dest) == content
    return outcome
