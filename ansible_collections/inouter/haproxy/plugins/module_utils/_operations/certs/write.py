# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing certificates, and proving by a handshake what is served after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._instance.write import Outcome, write
from ..._model.certificate import Certificate
from ..._runtime.handshake import served_fingerprints
from ..._runtime.transport import parse_address

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
    after = [pair[1] for (kind, _n), pair in outcome.rows.items() if kind == "certificate"]
    served = _served(https, [row for row in after if row is not None]) if https else []
    outcome.described["served"] = served
    outcome.verified = outcome.verified and all(item["matches"] for item in served)
    return outcome


def _served(https: str, rows: Sequence[Certificate]) -> list[dict[str, Any]]:
    address = parse_address(https)
    asked = [(row.domains.split()[-1].replace("*", "any"), row.key_type) for row in rows]
    found = served_fingerprints((str(address[0]), int(address[1])), asked)
    return [
        _told(domain, row.fingerprint, answer)
        for (domain, _kind), row, answer in zip(asked, rows, found)
    ]


def _told(domain: str, expected: str, answer: str | OSError) -> dict[str, Any]:
    if isinstance(answer, OSError):
        return {"domain": domain, "matches": False, "message": str(answer)}
    return {"domain": domain, "matches": answer == expected, "fingerprint": answer}
