# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one side says of each thing that a difference is about. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..._files import map_file
from ..._model.servers import FREE, Server, pool_name
from ..._reconcile.compare import (
    ACME,
    CERTIFICATE,
    CRT_LIST,
    FILES,
    MAP_FILE,
    PEM_FILE,
    POOL_FILE,
    SLOT,
    Difference,
)


class Side(NamedTuple):
    """What a side says of a thing, beside what the database says.

    :param kind: `route`, `server`, `certificate`, `crt_entry`, `acme`, or a file that is damaged
        in another way than these tell: `map_file`, `pool_file`, `crt_list`
    :param side: `files` or `runtime`
    :param value: None where there is nothing
    """

    kind: str
    name: str
    side: str
    value: str | None
    database: str | None


def sides(d: Difference) -> Iterator[Side]:
    """What the difference tells: a pool's file tells of each server in it."""
    if d.kind == POOL_FILE:
        yield from _pool_file(d)
    elif d.kind == MAP_FILE:
        name = d.key.rpartition("/")[2]
        yield Side(MAP_FILE, name, FILES, _damage(d.before), "as it was written")
    elif d.kind == SLOT:
        yield Side("server", d.name, d.side, _server(d.before), _server(d.after))
    elif d.kind in (CERTIFICATE, PEM_FILE):
        yield Side(CERTIFICATE, d.key, d.side, d.before, d.after)
    elif d.kind == CRT_LIST:
        yield Side(CRT_LIST, d.key.rpartition("/")[2], FILES, d.before, d.after)
    elif d.kind == ACME:
        yield Side(ACME, "thumbprint", d.side, d.before, d.after)
    else:
        yield Side(d.kind, d.name, d.side, _text(d.before), _text(d.after))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _server(server: Server | None) -> str | None:
    if server is None or server == FREE:
        return "free"
    return f"{server.address} weight {server.weight} {server.state}"


def _damage(content: bytes | None) -> str:
    if content is None:
        return "missing"
    if not content.startswith(map_file.HEADER):
        return "does not begin as it was written"
    if not content.endswith(b"\n"):
        return "ends within a line"
    return "has lines twice, in another order, or that belong into another file"


def _pool_file(d: Difference) -> Iterator[Side]:
    before, after = _lines(d.before), _lines(d.after)
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    if d.before is None or d.after is None or not changed or "" in changed:
        shown = "missing" if d.before is None else "not as it was written"
        yield Side(POOL_FILE, f"{pool_name(d.key)}.cfg", FILES, shown, _whole(d.after))
        return
    for name in changed:
        yield Side("server", name, FILES, before.get(name), after.get(name))


def _whole(after: bytes | None) -> str | None:
    return None if after is None else "as it was written"


def _lines(content: bytes | None) -> dict[str, str]:
    """Each server's line by its name; everything else under no name."""
    found: dict[str, str] = {}
    for line in (content or b"").decode("utf-8", "replace").splitlines():
        words = line.split()
        name = words[1] if words[:1] == ["server"] and len(words) > 2 else ""
        text = _state_of(words[2:]) if name else line
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def _state_of(words: list[str]) -> str:
    """A server's line in the words that are used for what HAProxy holds."""
    if words[1:2] != ["weight"] or words[3:] not in ([], ["disabled"]):
        return " ".join(words)
    state = "maint" if words[3:] else "ready"
    free = f"{FREE.address} weight {FREE.weight} {FREE.state}"
    text = f"{words[0]} weight {words[2]} {state}"
    return "free" if text == free else text
