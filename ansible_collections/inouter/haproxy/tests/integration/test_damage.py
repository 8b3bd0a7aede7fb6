# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A damaged database: a write stops with a sentence, or nothing it does is wrong."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from .lab.managed import Managed, ModuleFailed
from .lab.pki import Authority
from .lab.secured import Secured
from .lab.seeds import furnish

Files = dict[Path, bytes]
FLIPS = 150
WRITE = {"domain": "b.test", "slot": 1, "weight": 9}
SENTENCE = "haproxy_state state=adopted"


def database(managed: Managed) -> Path:
    """The database's file."""
    return managed.base_dir / "conf/haproxy_mcp.db"


def saved(managed: Managed) -> Files:
    """The database with what belongs to it."""
    return {path: path.read_bytes() for path in database(managed).parent.glob("haproxy_mcp.db*")}


def put_back(managed: Managed, files: Files) -> None:
    """Have exactly these files again."""
    for path in database(managed).parent.glob("haproxy_mcp.db*"):
        path.unlink()
    for path, content in files.items():
        path.write_bytes(content)


def served(managed: Managed) -> tuple[Any, ...]:
    """What HAProxy and the files serve, but for the weight that the write under test sets."""
    files = {
        path: text.replace(b" weight 9", b" weight 1") for path, text in managed.files().items()
    }
    slots = [line.replace(" 9 82", " 1 82") for line in managed.runtime()]
    certs = {path.name: path.read_bytes() for path in (managed.base_dir / "certs").glob("*.pem")}
    return slots, sorted(files.items()), certs


def try_write(managed: Managed, name: str, **options: Any) -> str:
    """The module's message, or nothing where it succeeded."""
    try:
        managed.module(name, **options)
    except ModuleFailed as failure:
        return str(failure)
    return ""


def flipped(content: bytes, bit: int) -> bytes:
    """The content with one bit the other way."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def row_bits(content: bytes) -> list[int]:
    """A bit in each byte of what rows hold: names, addresses, settings."""
    words = (b"a.test", b"b.test", b"127.0.0.1", b"127.0.0.2", b"ready", b"pool_count", b"20")
    found = []
    for word in words:
        start = content.find(word)
        while start >= 0:
            found += [8 * (start + n) for n in range(len(word))]
            start = content.find(word, start + 1)
    return found


@pytest.mark.haproxy("3.2")
@pytest.mark.timeout(900)
def test_a_flipped_bit(spacious: Secured, authority: Authority) -> None:
    """Anywhere in the file: what is served stays as it is, or is what was asked for."""
    furnish(spacious, authority)
    spacious.module("haproxy_state", state="backed_up")
    files, right = saved(spacious), served(spacious)
    content = files[database(spacious)]
    chance = random.Random(4)
    bits = [chance.randrange(8 * len(content)) for _n in range(FLIPS)]
    stopped = 0
    for bit in [*bits, *chance.sample(row_bits(content), 60)]:
        for name, options in (("haproxy_server", WRITE), ("haproxy_state", {})):
            put_back(spacious, {**files, database(spacious): flipped(content, bit)})
            message = try_write(spacious, name, **options)
            assert served(spacious) == right, (bit, name, message)
            assert not message or SENTENCE in message, (bit, name, message)
            stopped += bool(message)
            put_back(spacious, files)
            spacious.module("haproxy_state")
    assert stopped > 30


@pytest.mark.haproxy("3.2")
def test_a_truncated_log(spacious: Secured, authority: Authority) -> None:
    """Changes that were committed and are lost again are not taken back behind anyone's back."""
    furnish(spacious, authority)
    with contextlib.closing(sqlite3.connect(database(spacious))) as reader:
        reader.execute("BEGIN").execute("SELECT * FROM domains").fetchone()
        for number in range(3):
            spacious.module("haproxy_domain", domain=f"n{number}.test", ip="127.0.0.1")
        files, right = saved(spacious), served(spacious)
    log = database(spacious).with_name("haproxy_mcp.db-wal")
    files = {path: text for path, text in files.items() if not path.name.endswith("-shm")}
    lost = 0
    for length in range(0, len(files[log]), 1500):
        put_back(spacious, {**files, log: files[log][:length]})
        message = try_write(spacious, "haproxy_state")
        assert served(spacious) == right, (length, message)
        lost += "its newest changes are lost" in message
    assert lost > 5
    put_back(spacious, files)
    assert spacious.module("haproxy_state_info")["drift"]["converged"]


@pytest.mark.haproxy("2.8", "3.4")
@pytest.mark.parametrize("how", ["gone", "empty", "garbage", "old"])
def test_a_database_that_is_lost(spacious: Secured, authority: Authority, how: str) -> None:
    """Nothing is served from it; adopt makes another one of what runs, and nobody notices."""
    old = saved(spacious)[database(spacious)]
    furnish(spacious, authority)
    right = served(spacious)
    before = spacious.module("haproxy_state_info", gather=["export"])["export"]
    contents = {"empty": b"", "garbage": b"x" * 5000, "old": old}
    database(spacious).unlink()
    if how in contents:
        database(spacious).write_bytes(contents[how])
    for name, options in (
        ("haproxy_domain", {"domain": "n.test", "ip": "127.0.0.1"}),
        ("haproxy_state", {}),
        ("haproxy_instance", {"pool_count": 21}),
    ):
        message = try_write(spacious, name, **options)
        assert SENTENCE in message, message
        assert "There is no good backup in" in message
        assert served(spacious) == right
    assert spacious.check("haproxy_state", state="adopted")["changed"]
    done = spacious.module("haproxy_state", state="adopted")
    assert (done["left_out"], done["verified"], done["adopted"]["domains"]) == ([], True, 3)
    assert served(spacious) == right
    assert spacious.module("haproxy_state_info", gather=["export"])["export"] == before
    assert not spacious.module("haproxy_state")["changed"]
    kept = spacious.base_dir / "data/replaced"
    assert len(list(kept.rglob("haproxy_mcp.db"))) == (how != "gone")
