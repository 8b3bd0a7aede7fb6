# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving all that is served: export and import, backup and restore, adopt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.managed import Managed
from .lab.pki import Authority
from .lab.secured import Secured
from .lab.seeds import ONE, furnish

STATE, INFO = "haproxy_state", "haproxy_state_info"


@pytest.fixture
def other(haproxy_binary: Path, tmp_path: Path) -> Iterator[Secured]:
    """Give another host, on which nothing is served yet."""
    made = Secured(haproxy_binary, tmp_path / "other", pools=20, slots=10)
    yield made
    made.process.stop()


def served(managed: Secured) -> tuple[Any, ...]:
    """Routes, servers and certificates, without the instance's own paths."""
    maps = [managed.runtime_map(name) for name in ("domains.map", "wildcards.map")]
    files = {Path(path).name: content for path, content in managed.files().items()}
    kept = {name: text for name, text in files.items() if name.endswith((".map", ".cfg"))}
    kept.pop("haproxy.cfg")
    certs = [managed.served(name) for name in ("a.test", "b.test", "c.test")]
    return maps, kept, managed.runtime()[1:], certs


def exported(managed: Managed) -> dict[str, Any]:
    """The document."""
    document = managed.module(INFO, gather=["export"])["export"]
    assert isinstance(document, dict)
    return document


def test_export_and_import(
    spacious: Secured, other: Secured, authority: Authority, tmp_path: Path
) -> None:
    """The same is served on another host, for each name; the same again changes nothing."""
    furnish(spacious, authority)
    spacious.module("haproxy_server", domain="a.test", slot=2, state="drain")
    path = tmp_path / "document.json"
    task = {"state": "exported", "dest": str(path), "include_keys": True}
    assert spacious.check(STATE, **task)["changed"] and not path.exists()
    assert spacious.module(STATE, **task)["changed"]
    assert not spacious.module(STATE, **task)["changed"]
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    document = json.loads(path.read_text())
    other.module("haproxy_domain", domain="gone.test", **ONE, pool="pool_9")
    task = {"state": "imported", "document": document, "prune": True, "prune_limit": 100}
    before = other.snapshot()
    checked = other.check(STATE, **task)
    assert other.snapshot() == before
    done = other.module(STATE, **task)
    assert checked["diff"] == done["diff"] != []
    assert (done["verified"], done["counts"]["added"], done["removed"]) == (True, 3, ["gone.test"])
    assert served(other) == served(spacious)
    reports = [m.module(INFO)["drift"] for m in (spacious, other)]
    assert [r["converged"] for r in reports] == [True, True]
    assert [r["differences"] for r in reports] == [[], []]
    assert exported(other) == exported(spacious)
    assert not other.module(STATE, **task)["changed"]
    assert not other.module(STATE, state="imported", src=str(path))["changed"]


@pytest.mark.haproxy("3.2")
def test_import_without_keys(spacious: Secured, other: Secured, authority: Authority) -> None:
    """Domains come, certificates that the host does not have are named and left out."""
    furnish(spacious, authority)
    done = other.module(STATE, state="imported", document=exported(spacious))
    assert done["counts"]["added"] == 3
    assert [text.partition(" has no content")[0] for text in done["left_out"]] == [
        "certificates[0]: a.test (ecdsa)",
        "certificates[1]: b.test (ecdsa)",
    ]


@pytest.mark.haproxy("3.2")
def test_bad_documents(spacious: Secured, tmp_path: Path) -> None:
    """What is wrong is told, and nothing changes; no key is shown."""
    before = spacious.snapshot()
    path = tmp_path / "bad.json"
    path.write_text("{nonsense: [")
    for options, words in (
        ({}, "needs either document or src"),
        ({"src": str(tmp_path / "none")}, "is not there"),
        ({"src": str(path)}, "is neither JSON nor YAML"),
        ({"document": {"domains": [{"domain": "a.test"}]}}, "domains[0]"),
        ({"document": {"domains": [], "other": 1}}, "other"),
        ({"document": {}}, "domains"),
        (
            {"document": {"domains": [{"domain": "a.test", "ip": "127.0.0.1", "pool": "pool_99"}]}},
            "domains[0].pool: 'pool_99' does not exist",
        ),
    ):
        message = spacious.fails(STATE, state="imported", **options)
        assert words in message, message
        assert spacious.snapshot() == before


def test_backup_and_restore(spacious: Secured, authority: Authority) -> None:
    """What was served then is served again, keys and all; a damaged backup is refused."""
    furnish(spacious, authority)
    task = {"state": "backed_up", "keep": 2}
    assert spacious.check(STATE, **task)["changed"]
    first = spacious.module(STATE, **task)
    assert first["changed"] and not spacious.module(STATE, **task)["changed"]
    path = Path(first["backup"])
    modes = [oct(p.stat().st_mode & 0o777) for p in (path, path.parent)]
    assert modes == ["0o600", "0o700"]
    right = served(spacious)
    spacious.module("haproxy_domain", domain="a.test", state="absent")
    spacious.module("haproxy_domain", domain="c.test", **ONE)
    spacious.module("haproxy_cert", content=authority.issue("a.test").combined)
    checked = spacious.check(STATE, state="restored")
    restored = spacious.module(STATE, state="restored")
    assert checked["diff"] == restored["diff"] != []
    assert (restored["verified"], restored["backup"]) == (True, str(path))
    assert served(spacious) == right
    assert not spacious.module(STATE, state="restored")["changed"]
    second = Path(spacious.module(STATE, **task)["backup"])
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 1
    second.write_bytes(content)
    before = spacious.snapshot()
    message = spacious.fails(STATE, state="restored", src=str(second))
    assert "is damaged" in message and path.name in message
    assert spacious.snapshot() == before
    listed = spacious.module(INFO, gather=["backups"])["backups"]
    assert [(item["path"], item["good"]) for item in listed] == [
        (str(second), False),
        (str(path), True),
    ]
    assert spacious.module(STATE, state="restored")["backup"] == str(path)


@pytest.mark.haproxy("2.8", "3.4")
def test_restore_of_a_lost_database(spacious: Secured, authority: Authority) -> None:
    """The error names the backup; its history comes back, and numbers go on above all others."""
    furnish(spacious, authority)
    path = spacious.module(STATE, state="backed_up")["backup"]
    right = served(spacious)
    spacious.module("haproxy_domain", domain="c.test", **ONE)
    newest = spacious.module(INFO, gather=["history"], limit=1)["history"][0]["generation"]
    (spacious.base_dir / "conf/haproxy_mcp.db").write_bytes(b"")
    message = spacious.fails("haproxy_domain", domain="d.test", **ONE)
    assert f"haproxy_state state=restored src={path}" in message
    done = spacious.module(STATE, state="restored")
    assert done["generation"] > newest
    assert served(spacious) == right
    actions = [row["action"] for row in spacious.module(INFO, gather=["history"])["history"]]
    assert actions.count("haproxy_cert") == 1
    assert spacious.module(INFO)["drift"]["converged"]


def test_adopt(spacious: Secured, authority: Authority) -> None:
    """What somebody changed in HAProxy becomes the truth; what cannot be kept is told."""
    furnish(spacious, authority)
    conf = spacious.base_dir / "conf"
    spacious.ask(f"add map {conf}/domains.map new.test pool_3")
    spacious.ask("set server pool_3/pool_3_1 addr 127.0.0.5 port 85")
    spacious.ask("set server pool_3/pool_3_1 state ready")
    spacious.ask("set server pool_1/pool_1_2 state drain")
    right = spacious.runtime()
    assert spacious.check(STATE, state="adopted")["changed"]
    done = spacious.module(STATE, state="adopted")
    assert done["adopted"] == {"domains": 4, "servers": 4, "certificates": 2}
    assert spacious.runtime() == right
    assert not spacious.module(STATE, state="adopted")["changed"]
    spacious.process.reload()
    assert spacious.module(INFO)["drift"]["converged"]
    # A restart gives a drained slot the weight 0, which does the same.
    right = spacious.runtime()
    spacious.ask(f"add map {conf}/domains.map foreign.test somewhere")
    before = spacious.snapshot()
    message = spacious.fails(STATE, state="adopted")
    assert "foreign.test is routed to somewhere" in message and "force=true" in message
    assert spacious.snapshot() == before
    assert "foreign.test" in spacious.module(STATE, state="adopted", force=True)["left_out"][0]
    spacious.ask(f"clear map {conf}/domains.map")
    assert "3 of the 4 domains" in spacious.fails(STATE, state="adopted")
    assert spacious.module(STATE)["verified"]
    assert spacious.runtime() == right


@pytest.mark.haproxy("3.2")
def test_adopt_files(spacious: Secured, authority: Authority) -> None:
    """Where neither HAProxy runs nor a database is there, the files tell."""
    furnish(spacious, authority)
    before, right = exported(spacious), served(spacious)
    spacious.process.kill()
    for path in (spacious.base_dir / "conf").glob("haproxy_mcp.db*"):
        path.unlink()
    message = spacious.fails("haproxy_instance", pool_count=20)
    assert "of which a new database would know nothing" in message
    spacious.module(STATE, state="adopted")
    spacious.start()
    assert exported(spacious) == before
    assert served(spacious) == right
