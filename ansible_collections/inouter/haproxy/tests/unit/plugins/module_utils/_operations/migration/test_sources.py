# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the original system left."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.sources import (
    Sources,
    holds_our_database,
)
from ansible_collections.inouter.haproxy.tests.unit.support.killed import (
    NEW,
    OLD,
    killed_after_a_write,
    killed_amid_a_write,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import behind_the_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with maps and servers."""
    made = tmp_path / "left"
    made.mkdir()
    (made / "domains.map").write_text("a.test pool_3\n")
    (made / "wildcards.map").write_text("*.a.test pool_3\n")
    (made / "servers.json").write_text(json.dumps({"a.test": {"1": {"ip": "10.0.0.1"}}}))
    return made


def with_database(folder: Path, *statements: str) -> None:
    """Add a database."""
    with behind_the_back(folder / "haproxy_mcp.db") as connection:
        for statement in statements:
            connection.execute(statement)


def test_files_alone(folder: Path) -> None:
    found = Sources([str(folder)]).read()
    assert set(found.domains) == {"a.test", "*.a.test"}
    assert (list(found.pools), found.unclear, found.notes) == ([3], [], [])


def test_the_database_is_newer(folder: Path) -> None:
    with_database(
        folder,
        "CREATE TABLE domains (domain, backend)",
        "CREATE TABLE servers (backend, slot, ip)",
        "INSERT INTO domains VALUES ('a.test', 'pool_3')",
        "INSERT INTO domains VALUES ('*.a.test', 'pool_3')",
        "INSERT INTO servers VALUES ('pool_3', 2, '10.0.0.2')",
    )
    found = Sources([str(folder)]).read()
    assert (list(found.pools[3]), found.unclear) == ([2], [])
    assert [note.source for note in found.notes] == [str(folder / "servers.json")]


def test_a_map_that_says_otherwise_than_the_database(folder: Path) -> None:
    with_database(
        folder,
        "CREATE TABLE domains (domain, backend)",
        "CREATE TABLE servers (backend, slot, ip)",
        "INSERT INTO domains VALUES ('a.test', 'pool_4')",
    )
    (verdict,) = Sources([str(folder)]).read().unclear
    assert (verdict.entry, verdict.reason) == ("a.test", "It has pool_4 in another place.")


def test_a_database_that_cannot_be_read(folder: Path) -> None:
    (folder / "haproxy_mcp.db").write_bytes(b"no database at all")
    reasons = {verdict.reason for verdict in Sources([str(folder)]).read().unclear}
    assert reasons == {"SQLite cannot read it: file is not a database."}


def test_a_database_with_other_tables(folder: Path) -> None:
    with_database(folder, "CREATE TABLE other (x)")
    reasons = [verdict.reason for verdict in Sources([str(folder)]).read().unclear]
    assert reasons == ["There is no such table."] * 2


def test_what_this_collection_wrote_is_no_source(folder: Path, instance: Instance) -> None:
    assert holds_our_database(instance.paths.conf)
    assert not holds_our_database(str(folder))
    (folder / "domains.map").write_bytes(map_file.render([("a.test", "pool_1")]))
    (folder / "haproxy_mcp.db").write_bytes(Path(instance.paths.database).read_bytes())
    assert set(Sources([str(folder)]).contents) == {"wildcards.map", "servers.json"}


def test_the_first_folder_that_has_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "domains.map").write_text("b.test pool_1\n")
    sources = Sources([str(tmp_path), str(folder)])
    assert sources.paths["domains.map"] == str(tmp_path / "domains.map")
    assert sources.paths["servers.json"] == str(folder / "servers.json")


@pytest.mark.parametrize(
    ("kill", "address"), [(killed_after_a_write, NEW), (killed_amid_a_write, OLD)]
)
def test_a_log_is_read_and_stays(
    folder: Path, tmp_path: Path, kill: Callable[[Path], None], address: str
) -> None:
    kill(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    sources = Sources([str(folder)])
    found = sources.read()
    assert (found.pools[3][1].ip, found.unclear) == (address, [])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "certs").mkdir()
    sources.keep(str(tmp_path / "kept"), str(tmp_path / "certs"))
    kept = (path for path in (tmp_path / "kept").iterdir() if path.is_file())
    assert {path.name: path.read_bytes() for path in kept} == before


def test_a_log_belongs_to_the_database_beside_it(folder: Path, tmp_path: Path) -> None:
    kept, certs = tmp_path / "kept", tmp_path / "certs"
    certs.mkdir()
    killed_after_a_write(folder)
    Sources([str(folder)]).keep(str(kept), str(certs))
    # The server was started again, and ended well.
    with behind_the_back(folder / "haproxy_mcp.db") as connection:
        connection.execute("UPDATE servers SET ip = '10.0.0.3'")
    sources = Sources([str(folder), str(kept)])
    assert sources.read().pools[3][1].ip == "10.0.0.3"
    sources.keep(str(kept), str(certs))
    assert not (kept / "haproxy_mcp.db-wal").exists()
    assert Sources([str(kept)]).read().pools[3][1].ip == "10.0.0.3"


def test_copies_are_kept(folder: Path, tmp_path: Path) -> None:
    kept, certs = tmp_path / "kept", tmp_path / "certs"
    certs.mkdir()
    (certs / "a.test.pem").write_text("secret")
    sources = Sources([str(folder)])
    sources.keep(str(kept), str(certs))
    (certs / "a.test.pem").write_text("newer")
    sources.keep(str(kept), str(certs))
    assert (kept / "certs/a.test.pem").read_text() == "secret"
    assert (kept / "servers.json").read_bytes() == (folder / "servers.json").read_bytes()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in kept.rglob("*") if path.is_file()}
    assert modes == {0o600} and stat.S_IMODE(kept.stat().st_mode) == 0o700
