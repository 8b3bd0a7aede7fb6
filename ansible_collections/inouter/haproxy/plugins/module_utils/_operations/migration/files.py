# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the files of the original system: tolerantly, for their shapes are not documented. Pure.

Each reader gives entries; what cannot be made out is an entry with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

DOMAIN, SERVER, CERTIFICATE = "domain", "server", "certificate"
_NAMES = ("domain", "name", "host", "hostname", "main_domain")
_POOLS = ("backend", "pool", "pool_name", "backend_name")
_SHARES = ("shares_with", "share_with")
_SLOTS = ("slot", "server_slot")
_IPS = ("ip", "address", "addr", "server_ip")
_PORTS = ("http_port", "port", "server_port")
_LISTS = ("servers", "certificates", "certs", "domains")


class Found(NamedTuple):
    """One entry of a source, with the values as they stand there.

    :param source: the file, and the table where it is a database
    :param entry: what the entry is called there
    :param reason: why it cannot be made out; then nothing else is known of it
    """

    source: str
    entry: str
    kind: str
    values: Mapping[str, Any] = {}
    reason: str = ""


def of_map(source: str, entries: Iterable[tuple[str, str]]) -> Iterator[Found]:
    """Domains and their pools in a map file."""
    for domain, pool in entries:
        yield Found(source, domain, DOMAIN, {"domain": domain, "pool": pool})


def of_rows(source: str, kind: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    """Rows of a table, whatever their columns are called."""
    for row in rows:
        yield Found(source, _shown(row), kind, _values(row))


def of_servers(source: str, text: str) -> Iterator[Found]:
    """The servers of `servers.json`: by domain or pool, and there by slot or in a list."""
    yield from _read(source, text, SERVER, _servers)


def of_certificates(source: str, text: str) -> Iterator[Found]:
    """The certificates of `certificates.json`: names, or objects that have one."""
    yield from _read(source, text, CERTIFICATE, _certificates)


def _read(source: str, text: str, kind: str, reader: Any) -> Iterator[Found]:
    try:
        content = json.loads(text)
    except ValueError as error:
        yield Found(source, "the whole file", kind, {}, f"It is not JSON ({error}).")
        return
    yield from reader(source, _unwrapped(content))


def _unwrapped(content: Any) -> Any:
    """What a lone key such as `servers` wraps."""
    if isinstance(content, dict):
        for name in _LISTS:
            if name in content and isinstance(content[name], (dict, list)):
                return content[name]
    return content


def _servers(source: str, content: Any) -> Iterator[Found]:
    if isinstance(content, dict):
        for owner, listed in content.items():
            for slot, server in _slots(_unwrapped(listed)):
                yield _server(source, owner, slot, server)
    elif isinstance(content, list):
        for number, item in enumerate(content):
            owner = _first(item, (*_NAMES, *_POOLS)) if isinstance(item, dict) else None
            if owner is None:
                yield Found(source, f"[{number}]", SERVER, {}, "It names no domain and no pool.")
                continue
            inner = _unwrapped(item)
            for slot, server in _slots(inner) if inner is not item else [(None, item)]:
                yield _server(source, owner, slot, server)
    else:
        yield Found(source, "the whole file", SERVER, {}, "It is no object and no list.")


def _slots(listed: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(listed, dict) and _first(listed, _IPS) is None:
        yield from listed.items()
    else:
        for server in listed if isinstance(listed, list) else [listed]:
            yield None, server


def _server(source: str, owner: str, slot: Any, server: Any) -> Found:
    server = {"ip": server} if isinstance(server, str) else server
    entry = f"{owner}[{slot}]" if slot is not None else str(owner)
    if not isinstance(server, dict):
        return Found(source, entry, SERVER, {}, "It is neither an object nor an address.")
    values = _values(server)
    values.setdefault("slot", slot)
    # Who it belongs to is in the key above it, a domain or a pool.
    return Found(source, entry, SERVER, {**values, "owner": owner})


def _certificates(source: str, content: Any) -> Iterator[Found]:
    if isinstance(content, dict):
        content = [{"domain": k, **v} if isinstance(v, dict) else k for k, v in content.items()]
    if not isinstance(content, list):
        yield Found(source, "the whole file", CERTIFICATE, {}, "It is no object and no list.")
        return
    for number, item in enumerate(content):
        name = item if isinstance(item, str) else None
        name = _first(item, _NAMES) if isinstance(item, dict) else name
        if name is None:
            yield Found(source, f"[{number}]", CERTIFICATE, {}, "It names no domain.")
        else:
            yield Found(source, str(name), CERTIFICATE, {"domain": name})


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "domain": _first(row, _NAMES),
        "pool": _first(row, _POOLS),
        "share_with": _first(row, _SHARES),
        "slot": _first(row, _SLOTS),
        "ip": _first(row, _IPS),
        "http_port": _first(row, _PORTS),
        "weight": _first(row, ("weight",)),
        "state": _first(row, ("state", "admin_state")),
    }
    return {name: value for name, value in known.items() if value is not None}


def _first(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    lower = {str(name).lower(): value for name, value in row.items()}
    return next((lower[name] for name in names if lower.get(name) not in (None, "")), None)


def _shown(row: Mapping[str, Any]) -> str:
    values = _values(row)
    words = [values.get("domain"), values.get("pool"), values.get("slot"), values.get("ip")]
    return " ".join(str(word) for word in words if word is not None) or "a row with no name"
