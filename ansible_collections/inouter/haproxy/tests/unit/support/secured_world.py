# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world of certificates in memory: what is wanted, a simulated HAProxy, files in a dict."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from unittest import mock

from ansible_collections.inouter.haproxy.plugins.module_utils._files import atomic, crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import apply, undo
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    Difference,
    compare,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.observe import (
    Places,
    observe,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Observed,
    Scope,
    Wanted,
    WantedCertificates,
    scope_of,
)
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Secured, fake

PLACES = Places("/conf", "/seen", "/certs", "/seen/certs")
NAMES = ("a", "b", "c")
FILE = {name: f"{name}.test.ecdsa.pem" for name in NAMES}
PEM = {(name, number): fake(f"{name}.test", number)[1] for name in NAMES for number in (1, 2)}
SHA1 = {(name, number): fake(f"{name}.test", number)[0].sha1 for name, number in PEM}
EVERYTHING = Scope(None, None, None)
KEY = {name: (f"{name}.test", "ecdsa") for name in NAMES}
ONE, ALL = scope_of(certificates=[KEY["a"]]), scope_of(certificates=KEY.values())
DO = {
    "new": "new ssl cert /seen/certs/{}",
    "set": "set ssl cert /seen/certs/{}",
    "commit": "commit ssl cert /seen/certs/{}",
    "abort": "abort ssl cert /seen/certs/{}",
    "add": "add ssl crt-list /seen/certs.crtlist /seen/certs/{}",
    "take": "del ssl crt-list /seen/certs.crtlist /seen/certs/{}:{}",
    "forget": "del ssl cert /seen/certs/{}",
}
Versions = dict[str, int]


def steps(*wanted: str, line: int = 1, name: str = "a") -> list[str]:
    """The commands of these steps."""
    return [DO[step].format(FILE[name], line) for step in wanted]


class World:
    """A truth, a HAProxy, and files in a dict, from which HAProxy could start at any time."""

    def __init__(self, **versions: int) -> None:
        self.haproxy = Secured("/seen", 1, 1)
        self.files: dict[str, bytes] = {}
        self.truth: dict[str, int | None] = {**versions}
        for name in versions:
            self.hold(name, versions[name])
        self.put(PLACES.crt_list, crt_list.render(paths(versions)))
        for path in PLACES.maps:
            self.put(path, b"")

    def hold(self, name: str, version: int, times: int = 1) -> None:
        """Have a certificate in HAProxy and its file."""
        self.haproxy.hold(f"/seen/certs/{FILE[name]}", PEM[name, version], times)
        self.put(f"/certs/{FILE[name]}", PEM[name, version])

    def put(self, path: str, content: bytes, mode: int = 0o640) -> None:
        """Give a file its content."""
        self.files[path] = content if isinstance(content, bytes) else b"".join(content)
        self._can_start()

    def remove(self, path: str) -> None:
        """Take a file away."""
        self.files.pop(path, None)
        self._can_start()

    def _names(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.files if path.startswith(f"{folder}/")]

    def _put_all(self, contents: Iterable[tuple[str, bytes]]) -> None:
        for path, content in contents:
            self.put(path, content)

    def _move_all(self, moves: Mapping[str, str]) -> None:
        for source, target in moves.items():
            self.put(target, self.files.pop(source))

    def _remove_all(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.remove(path)

    def _can_start(self) -> None:
        for path in crt_list.paths(self.files.get(PLACES.crt_list)):
            assert f"/certs/{path.rpartition('/')[2]}" in self.files

    @contextmanager
    def disk(self) -> Iterator[None]:
        """Let the code under test use the dict."""
        one = mock.patch.multiple(atomic, replace=self.put, remove=self.remove)
        many = mock.patch.multiple(
            atomic,
            replace_all=self._put_all,
            move_all=self._move_all,
            remove_all=self._remove_all,
        )
        folder = mock.patch.multiple(os, listdir=self._names)
        there = mock.patch.multiple(os.path, isdir=lambda path: path == PLACES.certs)
        with mock.patch.object(atomic, "read", self.files.get), one, many, folder, there:
            yield

    def wanted(self, scope: Scope) -> Wanted:
        """What the truth says; None is a certificate whose content is lost."""
        looked_at = scope.certificates
        names = [n for n in NAMES if looked_at is None or KEY[n] in looked_at]
        there = {name: self.truth[name] for name in names if name in self.truth}
        pems = {FILE[n]: None if v is None else PEM[n, v] for n, v in there.items()}
        sha1s = {FILE[n]: SHA1[n, v or 1] for n, v in there.items()}
        gone = {FILE[name] for name in names if name not in self.truth}
        return Wanted(scope, {}, {}, {}, list, WantedCertificates(pems, sha1s, gone))

    def look(self, scope: Scope = EVERYTHING) -> Observed:
        """What is observed."""
        with self.disk():
            return observe(DirectApi(self.haproxy), PLACES, scope, frozenset())

    def differences(self, scope: Scope = EVERYTHING) -> list[Difference]:
        """What differs."""
        return compare(self.wanted(scope), self.look(scope), PLACES)

    def converge(self, scope: Scope = EVERYTHING) -> list[str]:
        """The commands that it took."""
        self.haproxy.log.clear()
        before, found = self.look(scope), self.differences(scope)
        api = DirectApi(self.haproxy)
        with self.disk():
            apply.apply(api, PLACES, self.wanted(scope), before, found, lambda: self.look(scope))
        return self.haproxy.log

    def go_back(self, before: Observed, scope: Scope) -> None:
        """Undo."""
        with self.disk():
            undo.undo(DirectApi(self.haproxy), PLACES, before, lambda: self.look(scope))

    def held(self) -> tuple[dict[str, str], dict[str, str], set[str], dict[str, bytes]]:
        """All that HAProxy and the files hold."""
        haproxy = self.haproxy
        return dict(haproxy.certs), haproxy.serves(), set(haproxy.transactions), dict(self.files)


def paths(names: Container[str]) -> list[str]:
    """HAProxy's names of these certificates."""
    return [f"/seen/certs/{FILE[name]}" for name in NAMES if name in names]


def expect(world: World, truth: Versions) -> None:
    """Check that HAProxy and the files hold this and nothing else."""
    assert world.haproxy.serves() == {FILE[n]: SHA1[n, v] for n, v in truth.items()}
    assert set(world.haproxy.certs) == set(paths(truth))
    certs = {path: content for path, content in world.files.items() if path.startswith("/certs/")}
    assert certs == {f"/certs/{FILE[n]}": PEM[n, v] for n, v in truth.items()}
    assert world.files[PLACES.crt_list] == crt_list.render(paths(truth))
    assert world.differences() == []
