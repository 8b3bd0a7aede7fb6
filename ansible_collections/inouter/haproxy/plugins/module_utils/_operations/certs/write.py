# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing certificates, and proving by a handshake what is served after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.write import Outcome, write
from ..._model.certificate import KEY_TYPES, Certificate
from ..._runtime.handshake import served_fingerprints
from ..._runtime.transport import parse_address
from ..._store.store import Store

if TYPE_CHECKING:
    from ..._instance.request import Request


def write_certificates(
    instance: Instance, request: Request, check_mode: bool, action: str = "haproxy_cert"
) -> Outcome:
    """Carry the request out; `verified` then also says that HAProxy serves what it should."""
    outcome = write(instance, action, request, check_mode)
    if check_mode or not outcome.applied:
        return outcome
    with instance.store() as store:
        https = Settings.of_rows(store.settings()).https
        rows = [pair[1] for (kind, _n), pair in outcome.rows.items() if kind == "certificate"]
        asked = {row: _fingerprints(store, row) for row in rows if row is not None}
    served = _served(https, asked) if https else []
    outcome.described["served"] = served
    outcome.verified = outcome.verified and all(item["matches"] for item in served)
    return outcome


def _fingerprints(store: Store, row: Certificate) -> set[str]:
    """What a handshake may find: with TLS 1.2 its own alone, with 1.3 that of either key type."""
    return {held.fingerprint for held in store.certificates([(row.name, k) for k in KEY_TYPES])}


def _served(https: str, expected: Mapping[Certificate, set[str]]) -> list[dict[str, Any]]:
    address = parse_address(https)
    asked = [(row.domains.split()[-1].replace("*", "any"), row.key_type) for row in expected]
    found = served_fingerprints((str(address[0]), int(address[1])), asked)
    return [
        _told(domain, fingerprints, answer)
        for (domain, _kind), fingerprints, answer in zip(asked, expected.values(), found)
    ]


def _told(domain: str, expected: set[str], answer: str | OSError) -> dict[str, Any]:
    if isinstance(answer, OSError):
        return {"domain": domain, "matches": False, "message": str(answer)}
    return {"domain": domain, "matches": answer in expected, "fingerprint": answer}
