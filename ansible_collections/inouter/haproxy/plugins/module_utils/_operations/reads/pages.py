# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains and certificates a page at a time, and names that begin with some letters. Read only."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..._instance.instance import Instance
from ..._model.names import domain_name
from ..certs.list import list_certificates
from .lists import list_domains

_DOMAINS = "FROM domains WHERE (:wildcards OR domain NOT LIKE '*.%')"
_CERTIFICATES = "FROM certificates WHERE (:until = '' OR not_after < :until)"


def domain_page(
    instance: Instance, include_wildcards: bool = True, after: str = "", limit: int = 100
) -> dict[str, Any]:
    """`domains` behind the name `after`, their `total`, and `next_cursor` where there are more."""
    values = {"wildcards": include_wildcards, "after": after, "limit": limit}
    with instance.reading() as store:
        names, total = _names(store.connection, "domain", _DOMAINS, values)
    following = _cut(names, limit)
    found = list_domains(instance, names)
    return {"domains": found, "total": total, "next_cursor": following}


def certificate_page(
    instance: Instance, expiring_within: int | None = None, after: str = "", limit: int = 100
) -> dict[str, Any]:
    """`certificates` behind the name `after`; `total` counts names.

    With `expiring_within` only those that have fewer days left.
    """
    values = {"until": _until(expiring_within), "after": after, "limit": limit}
    with instance.reading() as store:
        names, total = _names(store.connection, "name", _CERTIFICATES, values)
    following = _cut(names, limit)
    found = list_certificates(instance, names, expiring_within)
    return {"certificates": found, "total": total, "next_cursor": following}


def certificates_of(instance: Instance, name: str) -> dict[str, Any]:
    """The certificates kept under a name, else those that are for this domain."""
    wanted = domain_name(name, "name")
    found = list_certificates(instance, [wanted])
    if not found:
        like = f"% {wanted} %"
        query = "SELECT DISTINCT name FROM certificates WHERE ' ' || domains || ' ' LIKE ?"
        with instance.reading() as store:
            names = [row[0] for row in store.connection.execute(query, (like,))]
        found = list_certificates(instance, names)
    return {"certificates": found}


def completions(instance: Instance, kind: str, prefix: str, limit: int = 100) -> dict[str, Any]:
    """Names of `domain`, `certificate` or `server` that begin like this."""
    column, table = {
        "domain": ("domain", "domains"),
        "certificate": ("name", "certificates"),
        "server": ("'pool_' || pool || '_' || slot", "servers"),
    }[kind]
    query = (
        f"SELECT DISTINCT {column} AS found FROM {table}"
        " WHERE substr(found, 1, length(:prefix)) = :prefix ORDER BY found LIMIT :limit"
    )
    values = {"prefix": prefix.lower(), "limit": limit + 1}
    with instance.reading() as store:
        names = [row[0] for row in store.connection.execute(query, values)]
    return {"values": names[:limit], "more": len(names) > limit}


def _names(
    connection: sqlite3.Connection, column: str, source: str, values: dict[str, Any]
) -> tuple[list[str], int]:
    total = connection.execute(f"SELECT count(DISTINCT {column}) {source}", values).fetchone()[0]
    query = f"SELECT DISTINCT {column} {source} AND {column} > :after ORDER BY {column} LIMIT :more"
    rows = connection.execute(query, {**values, "more": values["limit"] + 1})
    return [row[0] for row in rows], int(total)


def _cut(names: list[str], limit: int) -> str | None:
    """Take away the name that only shows that there are more, and say where these begin."""
    more = len(names) > limit
    del names[limit:]
    return names[-1] if more else None


def _until(days: int | None) -> str:
    if days is None:
        return ""
    from datetime import datetime, timedelta, timezone  # here, for most calls have no limit

    return (datetime.now(timezone.utc) + timedelta(days=days)).isoformat(timespec="seconds")
