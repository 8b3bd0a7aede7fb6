# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand at the end of a write, and which certificates nothing could bring back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .._reconcile.compare import FILES, RUNTIME, Difference
from .._reconcile.picture import Observed, Wanted

if TYPE_CHECKING:
    from .request import Request
    from .write import Outcome


def settle(
    outcome: Outcome, request: Request, wanted: Wanted, observed: Observed, certs: str
) -> None:
    """Say what is applied and verified of what is persisted, and name lost certificates."""
    outcome.applied = outcome.verified = outcome.persisted and observed.runtime is not None
    if wanted.certificates is not None:
        from .._reconcile.certificates import lost  # here, for most writes look at none

        outcome.lost = lost(wanted.certificates, observed, certs)
    if outcome.lost:
        outcome.described["lost"] = views(outcome.lost)
        if getattr(request, "whole", False):
            outcome.persisted = outcome.verified = False
            outcome.applied &= all(found.side != RUNTIME for found in outcome.lost)


def views(lost: list[Difference]) -> list[dict[str, Any]]:
    """Each lost certificate once, in the words of the drift report."""
    lacking = {found.key for found in lost if found.side == RUNTIME}
    return [
        {
            "kind": found.kind,
            "name": found.name,
            "differs": [FILES, RUNTIME] if found.key in lacking else [FILES],
            "files": found.before,
        }
        for found in lost
        if found.side == FILES
    ]


def warnings(outcome: Outcome) -> Iterator[str]:
    """What to do about each lost certificate, in a sentence for people."""
    for view in outcome.described.get("lost", ()):
        gone = RUNTIME in view["differs"]
        then = "does not serve it" if gone else "will not serve it after its next start"
        yield (
            f"The file of the certificate {view['name']} is {view['files']}, so HAProxy {then}."
            " Bring it back with haproxy_cert."
        )
