# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map with which HAProxy answers http-01 challenges: one entry, the account's thumbprint."""

from __future__ import annotations

from collections.abc import Iterator

from .._files import map_file
from .._runtime import commands, replies
from .._runtime.api import RuntimeApi
from .compare import ACME, FILES, RUNTIME, Difference
from .observe import Places
from .picture import Observed

KEY = "thumbprint"


def held(api: RuntimeApi, places: Places) -> str | None:
    """What HAProxy holds; nothing for no entry, None where it has no such map."""
    (reply,) = api.ask([commands.get_map(places.runtime_map(places.acme_map), KEY)])
    return None if reply.startswith("Unknown map") else replies.found_value(reply) or ""


def content(thumbprint: str) -> bytes:
    """The file for this thumbprint."""
    return map_file.render([(KEY, thumbprint)] if thumbprint else [])


def compare(thumbprint: str, observed: Observed, places: Places) -> Iterator[Difference]:
    """What differs from this thumbprint."""
    if observed.files[places.acme_map] != content(thumbprint):
        yield Difference(FILES, ACME, places.acme_map, "something else", "as it should be")
    certificates = observed.runtime.certificates if observed.runtime else None
    present = certificates.thumbprint if certificates else None
    if present is not None and present != thumbprint:
        yield Difference(RUNTIME, ACME, KEY, present or None, thumbprint or None)


def change(api: RuntimeApi, places: Places, d: Difference) -> None:
    """Give HAProxy the entry, another one, or none."""
    path = places.runtime_map(places.acme_map)
    if d.after is None:
        api.do([commands.del_map(path, KEY)])
    elif d.before is None:
        api.do([commands.add_map(path, KEY, d.after)])
    else:
        api.do([commands.set_map(path, KEY, d.after)])
