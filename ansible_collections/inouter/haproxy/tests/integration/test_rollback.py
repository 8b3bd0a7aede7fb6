# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to each of the last fifty generations, compared with a recording, under load."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab.http import Answer
from .lab.load import LoadRun, Stream
from .lab.managed import Managed
from .lab.pki import Authority
from .lab.secured import Secured

Start = Callable[..., list[dict[str, Any]]]
Picture = tuple[Any, ...]
CHANGES, WINDOW, JUMPS = 60, 50, 20
NAMES = ("a.test", "b.test", "c.test")


def picture(managed: Secured) -> Picture:
    """Maps, slots and certificates, in memory and on disk."""
    served = [managed.served(name) for name in NAMES]
    folder = managed.base_dir / "certs"
    pems = {path.name: path.read_bytes() for path in folder.glob("*.pem")}
    return managed.runtime(), managed.files(), served, pems


class Author:
    """Makes one change after the other, each of another kind."""

    def __init__(self, managed: Secured, authority: Authority, servers: dict[str, Any]) -> None:
        self.managed = managed
        self.authority = authority
        self.servers = servers
        self.random = random.Random(6)
        self.pools = {"steady.test": 1, "mover.test": 2}
        self.pictures: dict[int, Picture] = {}

    def _run(self, module: str, /, **options: Any) -> None:
        """Run a module, and record what is served after it."""
        generation = self.managed.module(module, **options)["generation"]
        self.pictures[generation] = picture(self.managed)

    def change(self, number: int) -> None:
        """Make the next change."""
        kinds = [self._certificate, self._move, self._domain, self._server, self._share]
        kinds[number % len(kinds)](number)

    def _certificate(self, number: int) -> None:
        name = self.random.choice(NAMES)
        held = self.managed.module("haproxy_cert_info", names=[name])["certificates"]
        if held and number % 3 == 0:
            self._run("haproxy_cert", name=name, state="absent", force=True)
        else:
            self._run("haproxy_cert", content=self.authority.issue(name).combined)

    def _move(self, number: int) -> None:
        """Another domain goes to the pool that this one left: a rollback swaps servers."""
        left = self.pools["mover.test"]
        self.pools["mover.test"] = next(n for n in range(2, 9) if self._free(n))
        self._put("mover.test", pool=f"pool_{self.pools['mover.test']}")
        self.pools[f"n{number}.test"] = left
        self._put(f"n{number}.test", pool=f"pool_{left}", **self.servers["other"])

    def _free(self, pool: int) -> bool:
        return pool not in self.pools.values()

    def _put(self, domain: str, **options: Any) -> None:
        self._run("haproxy_domain", domain=domain, **options)

    def _domain(self, number: int) -> None:
        gone = next((name for name in self.pools if name.startswith("n")), None)
        if gone:
            del self.pools[gone]
            self._put(gone, state="absent")
        self._put("*.w.test", share_with="steady.test" if number % 2 else "mover.test")

    def _server(self, number: int) -> None:
        options = {"weight": number, "state": self.random.choice(("ready", "drain"))}
        servers = [{"slot": 1}, {"slot": 2, **self.servers["steady2"], **options}]
        self._run("haproxy_server", domain="steady.test", servers=servers)

    def _share(self, number: int) -> None:
        state = "present" if number % 2 else "absent"
        options = {"share_with": "steady.test"} if number % 2 else {}
        self._put("www.test", state=state, **options)


def generation(managed: Managed) -> int:
    """The newest generation."""
    number = managed.module("haproxy_state_info", gather=["history"], limit=1)["history"][0]
    assert isinstance(number["generation"], int)
    return number["generation"]


def prepared(managed: Secured, authority: Authority, named_origins: Start) -> Author:
    """Two domains that are always there."""
    steady, steady2, mover, other = named_origins("steady.1", "steady.2", "mover.1", "other.1")
    author = Author(managed, authority, {"steady2": steady2, "other": other})
    managed.module("haproxy_domain", domain="steady.test", pool="pool_1", **steady)
    managed.module("haproxy_domain", domain="mover.test", pool="pool_2", **mover)
    managed.module("haproxy_cert", content=authority.issue("a.test").combined)
    return author


@pytest.mark.xdist_group("load")
@pytest.mark.timeout(900)
@pytest.mark.haproxy("2.8", "3.2", "3.4")
def test_back_to_each_generation_under_load(
    spacious: Secured, authority: Authority, named_origins: Start, tmp_path: Path
) -> None:
    """Each way back gives what was recorded, and no request is lost or goes to another domain."""
    author = prepared(spacious, authority, named_origins)
    for number in range(CHANGES):
        author.change(number)
    expected = {
        "steady.test": Answer(200, "steady\n"),
        "mover.test": Answer(200, "mover\n"),
    }
    streams = [
        Stream(spacious.http, expected, connections=4),
        Stream(spacious.http, expected, connections=2, keep_alive=False),
    ]
    with LoadRun(tmp_path / "load", streams, seconds=800) as load:
        newest = generation(spacious)
        # Each way back is a generation of its own: the window moves on as the target does.
        for target in range(newest - WINDOW, newest):
            check_back(spacious, target, author.pictures)
        for _jump in range(JUMPS):
            newest = generation(spacious)
            target = author.random.randrange(newest - WINDOW, newest)
            check_back(spacious, target, author.pictures)
        assert not load.ended()
        done = load.stop()
    assert done.requests > 1000
    assert (done.socket_errors, done.wrong) == (0, 0)
    assert spacious.retried() == 0


def check_back(managed: Secured, target: int, pictures: dict[int, Picture]) -> None:
    """Go back, compare, and see that nothing differs."""
    done = managed.module("haproxy_state", state="rolled_back", generation=target)
    assert done["rolled_back_to"] == target
    found = pictures[done["generation"]] = picture(managed)
    for now, then in zip(found, pictures[target], strict=True):
        assert now == then, target
    assert managed.module("haproxy_state_info")["drift"]["converged"]


@pytest.mark.haproxy("3.2")
def test_what_cannot_be_reached(spacious: Secured, authority: Authority) -> None:
    """Too old, not yet there, or a certificate that is lost: an error, and nothing changed."""
    spacious.module("haproxy_cert", content=authority.issue("a.test").combined)
    held = generation(spacious)
    spacious.module("haproxy_cert", name="a.test", state="absent")
    for number in range(WINDOW - 2):
        spacious.module("haproxy_domain", domain="x.test", ip=f"127.0.0.{number + 1}")
    before = spacious.snapshot()
    for target in (0, held - 5, generation(spacious) + 1):
        message = spacious.fails("haproxy_state", state="rolled_back", generation=target)
        assert f"generation: {target} cannot be rolled back to. These can: " in message
    kept = list((spacious.base_dir / "data/certificates").iterdir())
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600"]
    kept[0].write_text("lost")
    message = spacious.fails("haproxy_state", state="rolled_back", generation=held)
    assert "a.test.ecdsa.pem, whose key is not on this host any more" in message
    assert spacious.snapshot() == before
    spacious.module("haproxy_domain", domain="x.test", ip="127.0.0.99")
    spacious.module("haproxy_domain", domain="x.test", ip="127.0.0.98")
    assert list((spacious.base_dir / "data/certificates").iterdir()) == []


@pytest.mark.haproxy("3.2")
def test_check_mode_and_a_second_time(managed: Managed) -> None:
    """A check shows what the run then does; the same again changes nothing; it can be undone."""
    managed.module("haproxy_domain", domain="a.test", ip="127.0.0.1")
    first = generation(managed)
    managed.module("haproxy_domain", domain="a.test", ip="127.0.0.2")
    task = {"state": "rolled_back", "generation": first}
    before = managed.snapshot()
    checked = managed.check("haproxy_state", **task)
    assert managed.snapshot() == before
    done = managed.module("haproxy_state", **task)
    assert checked["changed"] and checked["diff"] == done["diff"] != []
    assert [done[key] for key in ("persisted", "applied", "verified")] == [True] * 3
    assert not managed.module("haproxy_state", **task)["changed"]
    managed.module("haproxy_state", state="rolled_back", generation=first + 1)
    assert managed.snapshot()[1:] == before[1:]
