# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a write: what Ansible shows with `--diff`, from what really differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from .._instance.write import Outcome
from .._model.certificate import Certificate
from .._model.servers import FREE, Server, pool_name, slot_name
from .._reconcile.compare import (
    ACME,
    CERTIFICATE,
    CRT_ENTRY,
    CRT_LIST,
    FILES,
    MAP_FILE,
    PEM_FILE,
    POOL_FILE,
    ROUTE,
    RUNTIME,
    SLOT,
    Difference,
)
from .._store.store import Domain

_LABELS = {
    ROUTE: "map",
    CERTIFICATE: "certificate",
    CRT_ENTRY: "crt-list entries of",
    PEM_FILE: "file",
    CRT_LIST: "file",
    ACME: "acme",
}

# Ansible compares both texts line by line, which takes minutes where tens of thousands differ.
MOST_LINES = 2000

Part = dict[str, str]
Line = tuple[Optional[str], Optional[str]]
"""Text before and text after; None where there is none."""


def diff_of(outcome: Outcome) -> list[Part]:
    """One part for the database, one for HAProxy, one for the files; none where all agree."""
    differences, rows = outcome.differences, outcome.rows.items()
    parts = [
        _part("database", [line for key, pair in rows for line in _rows(key, *pair)]),
        _part("HAProxy", [_runtime(d) for d in differences if d.side == RUNTIME]),
        _part("files", [line for d in differences if d.side == FILES for line in _file(d)]),
    ]
    return [part for part in parts if part["before"] != part["after"]]


def _part(header: str, lines: Sequence[Line]) -> Part:
    found = list(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        rest = _rest(lines[MOST_LINES:])
        found.append((rest, rest))
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{before}\n" for before, _after in found if before is not None),
        "after": "".join(f"{after}\n" for _before, after in found if after is not None),
    }


def _rest(lines: Sequence[Line]) -> str:
    """A line for many, with a digest, for a plan is agreed on as a whole."""
    digest = hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:32]
    return f"... and {len(lines)} more, whose SHA-256 begins with {digest}"


def _rows(key: tuple[str, Any], before: Any, after: Any) -> Iterator[Line]:
    kind, name = key
    if kind != "pool":
        label = f"{kind} {' '.join(name) if isinstance(name, tuple) else name}".rstrip()
        yield _pair(f"{label}: ", _value(before), _value(after))
        return
    for slot in sorted({*before, *after}):
        if before.get(slot) != after.get(slot):
            label = f"server {slot_name(name, slot)}: "
            yield _pair(label, _server(before.get(slot)), _server(after.get(slot)))


def _value(value: Any) -> str | None:
    if isinstance(value, Domain):
        shared = f", share_with {value.share_with}" if value.share_with else ""
        return f"{pool_name(value.pool)}{shared}"
    if isinstance(value, Certificate):
        return f"SHA-256 {value.fingerprint[:16]}, until {value.not_after[:10]}"
    return value if value is None else str(value)


def _runtime(d: Difference) -> Line:
    if d.kind == SLOT:
        return _pair(f"server {d.name}: ", _server(d.before), _server(d.after))
    return _other(d)


def _other(d: Difference) -> Line:
    """A route, a certificate or a file, whose values are short texts."""
    before, after = (None if value is None else str(value) for value in (d.before, d.after))
    return _pair(f"{_LABELS[d.kind]} {d.name} ", before, after)


def _server(server: Server | None) -> str | None:
    if server is None or server == FREE:
        return "free"
    return f"{server.address} weight {server.weight} {server.state}"


def _file(d: Difference) -> Iterator[Line]:
    if d.kind == MAP_FILE:
        yield f"{d.name}: {_damage(d.before)}", f"{d.name}: as the database says"
    elif d.kind == POOL_FILE:
        for before, after in _changed_lines(d.before, d.after):
            yield _pair(f"{pool_name(d.key)}.cfg: ", before, after)
    else:
        yield _other(d)


def _damage(content: bytes | None) -> str:
    return "missing" if content is None else "not as it was written"


def _changed_lines(before: bytes | None, after: bytes | None) -> Iterator[Line]:
    old = (before or b"").decode("utf-8", "replace").splitlines()
    new = (after or b"").decode("utf-8").splitlines()
    for line in (line for line in old if line not in new):
        yield line.strip(), None
    for line in (line for line in new if line not in old):
        yield None, line.strip()


def _pair(label: str, before: str | None, after: str | None) -> Line:
    return (
        None if before is None else f"{label}{before}",
        None if after is None else f"{label}{after}",
    )


def difference_views(outcome: Outcome) -> list[Part]:
    """Each difference as `side`, `kind` and `name`."""
    return [{"side": d.side, "kind": d.kind, "name": d.name} for d in outcome.differences]
