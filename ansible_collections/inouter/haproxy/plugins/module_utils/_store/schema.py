# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the truth, and the steps that bring an older database to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from .._model.errors import StoreProblem

# STRICT came with SQLite 3.37. Python 3.9 hosts often carry an older one, which must also
# be able to open what it made itself; the CHECKs hold the values in range there too.
STRICT = "STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""

_VERSION_1 = f"""
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) {STRICT};
CREATE TABLE pools (
    pool INTEGER PRIMARY KEY CHECK (pool > 0),
    freed INTEGER NOT NULL DEFAULT 0 CHECK (freed >= 0)
) {STRICT};
CREATE INDEX pools_by_freed ON pools (freed, pool);
CREATE TABLE domains (
    domain TEXT PRIMARY KEY CHECK (length(domain) BETWEEN 1 AND 253),
    pool INTEGER NOT NULL REFERENCES pools (pool),
    share_with TEXT REFERENCES domains (domain) DEFERRABLE INITIALLY DEFERRED
) {STRICT};
CREATE INDEX domains_by_pool ON domains (pool, domain);
CREATE INDEX domains_by_share_with ON domains (share_with) WHERE share_with IS NOT NULL;
CREATE TABLE servers (
    pool INTEGER NOT NULL REFERENCES pools (pool),
    slot INTEGER NOT NULL CHECK (slot > 0),
    ip TEXT NOT NULL CHECK (length(ip) BETWEEN 2 AND 45),
    http_port INTEGER NOT NULL CHECK (http_port BETWEEN 1 AND 65535),
    weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 256),
    state TEXT NOT NULL CHECK (state IN ('ready', 'drain', 'maint')),
    PRIMARY KEY (pool, slot),
    UNIQUE (pool, ip, http_port)
) {STRICT};
CREATE TABLE history (
    generation INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    changes TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'done', 'recovered', 'refused')),
    message TEXT NOT NULL DEFAULT ''
) {STRICT};
CREATE INDEX history_pending ON history (generation) WHERE outcome = 'pending';
"""

_VERSION_2 = f"""
CREATE TABLE certificates (
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 253),
    key_type TEXT NOT NULL CHECK (key_type IN ('ecdsa', 'rsa')),
    domains TEXT NOT NULL CHECK (length(domains) > 0),
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    sha1 TEXT NOT NULL CHECK (length(sha1) = 40),
    content TEXT NOT NULL CHECK (length(content) = 64),
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL,
    PRIMARY KEY (name, key_type)
) {STRICT};
CREATE INDEX certificates_by_end ON certificates (not_after);
"""

# A digest is empty where it is not known yet; the next write then takes that of all rows. A later
# step that changes rows has to empty the newest one.
_VERSION_3 = """
ALTER TABLE history ADD COLUMN digest TEXT NOT NULL DEFAULT '';
"""

_VERSION_4 = f"""
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    caller TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    outcome TEXT NOT NULL
        CHECK (outcome IN ('started', 'done', 'unchanged', 'refused', 'failed')),
    message TEXT NOT NULL DEFAULT ''
) {STRICT};
"""

# The place of a step in this list is the `user_version` that it starts from.
MIGRATIONS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version of an open database; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> bool:
    """Bring the database to VERSION in one transaction; True where something was done.

    Raises StoreProblem for a database that a newer release made.
    """
    found = version_of(connection)
    if found > VERSION:
        raise StoreProblem(
            f"The database has schema version {found}, but this release of inouter.haproxy"
            f" knows versions up to {VERSION}. Update the collection on this controller. If"
            " no newer one has ever been used, the file is damaged: haproxy_state with"
            " state=restored brings back a backup."
        )
    if found == VERSION:
        return False
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited for the database.
        done = version_of(connection) < VERSION and _take_steps(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return done


def _take_steps(connection: sqlite3.Connection) -> bool:
    for step in MIGRATIONS[version_of(connection) :]:
        for statement in _statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return True


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if part.strip() and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
