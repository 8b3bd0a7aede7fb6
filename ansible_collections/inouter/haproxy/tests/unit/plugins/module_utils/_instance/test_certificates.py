# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the content of certificates is while a write is under way, and after one was cut off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._instance import certificates
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import (
    write,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import file_name
from ansible_collections.inouter.haproxy.plugins.module_utils._model.digest import is_intact
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Refused
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import history
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.kill import (
    Killed,
    in_a_child,
    killed,
    stop_at,
)
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, Secured, fake

KEY = ("a.test", "ecdsa")
FILE = file_name(KEY)
(OLD_ROW, OLD), (NEW_ROW, NEW) = fake("a.test", 1), fake("a.test", 2)


@pytest.fixture(autouse=True)
def https(instance: Instance) -> None:
    """Let the instance serve HTTPS, with one certificate."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    change(instance, Bring(a=1))


def change(instance: Instance, request: Any) -> None:
    write(instance, "haproxy_cert", request)


def names(instance: Instance) -> list[str]:
    return sorted(os.listdir(instance.paths.certs))


def check_files(instance: Instance, tidy: bool = True) -> None:
    """The certs folder and the crt-list hold what the database says, and nothing else.

    Where it need not be tidy, hidden files do not count.
    """
    with instance.store() as store:
        rows = store.certificates()
        assert history.pending(store.connection) == []
    assert [name for name in names(instance) if tidy or not name.startswith(".")] == [
        file_name(row.key) for row in rows
    ]
    for row in rows:
        assert is_intact(row, Path(instance.paths.certs, file_name(row.key)).read_bytes())
    listed = [f"{instance.paths.certs}/{file_name(row.key)}" for row in rows]
    assert Path(instance.paths.conf, "certs.crtlist").read_bytes() == crt_list.render(listed)


def staged(instance: Instance) -> Path:
    return Path(certificates.staged_path(instance.paths.certs, KEY))


def test_a_private_key_is_for_its_owner_alone(instance: Instance) -> None:
    folder = Path(instance.paths.certs)
    certificates.stage(str(folder), {KEY: NEW})
    assert staged(instance).read_bytes() == NEW
    for path in (folder / FILE, staged(instance)):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_only_what_was_staged_is_forgotten(instance: Instance) -> None:
    folder = Path(instance.paths.certs)
    certificates.stage(str(folder), {KEY: NEW, ("*.a.test", "rsa"): NEW})
    (folder / "mine.staged").write_text("x")
    certificates.unstage(str(folder))
    assert names(instance) == [FILE, "mine.staged"]


@pytest.mark.parametrize(
    ("waiting", "file", "expected"),
    [
        (None, NEW, NEW),
        (NEW, OLD, NEW),
        (NEW, None, NEW),
        (OLD, NEW, NEW),
        (b"damaged", NEW, NEW),
        (NEW[:-30], OLD, None),
        (None, None, None),
    ],
)
def test_the_content_is_where_it_is_intact(
    instance: Instance, waiting: bytes | None, file: bytes | None, expected: bytes | None
) -> None:
    folder = Path(instance.paths.certs)
    certificates.stage(str(folder), {KEY: b""})
    for path, content in ((staged(instance), waiting), (folder / FILE, file)):
        path.write_bytes(content or b"")
        if content is None:
            path.unlink()
    with instance.store() as store:
        store.put_certificate(KEY, NEW_ROW)
        wanted = certificates.wanted(instance.paths, store, scope_of(certificates=[KEY]), {})
    assert (wanted.pems, wanted.sha1s) == ({FILE: expected}, {FILE: NEW_ROW.sha1})


def test_what_a_write_brings_comes_first(instance: Instance) -> None:
    with instance.store() as store:
        scope = scope_of(certificates=[KEY])
        wanted = certificates.wanted(instance.paths, store, scope, {KEY: NEW})
    assert wanted.pems == {FILE: NEW}


@pytest.mark.parametrize(
    ("scope", "gone"),
    [
        (Scope(None, None, None), {"b.test.rsa.pem"}),
        (scope_of(certificates=[KEY]), set()),
        (scope_of(certificates=[KEY, ("c.test", "rsa")]), {"c.test.rsa.pem"}),
    ],
)
def test_what_should_not_be_there(instance: Instance, scope: Scope, gone: set[str]) -> None:
    for name in ("b.test.rsa.pem", ".d.test.rsa.pem", "README"):
        Path(instance.paths.certs, name).write_text("x")
    with instance.store() as store:
        assert certificates.wanted(instance.paths, store, scope, {}).gone == gone


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_stays_staged(instance: Instance, check_mode: bool) -> None:
    write(instance, "haproxy_cert", Bring(a=2, b=1), check_mode)
    assert names(instance) == ([FILE] if check_mode else [FILE, "b.test.ecdsa.pem"])


def kill_at(instance: Instance, versions: dict[str, int | None], number: int) -> bool:
    """Whether the write was killed."""
    return not in_a_child(lambda: change(instance, Bring(**versions)), number, instance.paths.base)


@pytest.mark.parametrize("number", range(3))
def test_where_the_disk_is_full_no_key_stays(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    left, real = [number], os.fchmod

    def fchmod(handle: int, mode: int) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError("No space left on device")
        real(handle, mode)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "fchmod", fchmod)
        change(instance, Bring(a=2, b=1))
    check_files(instance)


@pytest.mark.parametrize("number", range(1, 16))
@pytest.mark.parametrize("versions", [{"a": 2, "b": 1}, {"a": None}])
def test_after_a_kill_the_same_write_completes(
    instance: Instance, versions: dict[str, int | None], number: int
) -> None:
    kill_at(instance, versions, number)
    listed = crt_list.paths(Path(instance.paths.conf, "certs.crtlist").read_bytes())
    assert all(Path(path).exists() for path in listed), "HAProxy could not start"
    change(instance, Bring(**versions))
    check_files(instance, tidy=False)


def killed_somewhere(instance: Instance, versions: dict[str, int | None]) -> None:
    """After a kill at each place haproxy_state alone puts everything in order."""
    number = 1
    while kill_at(instance, versions, number):
        change(instance, Convergence())
        check_files(instance)
        change(instance, Bring(a=1, b=None))
        number += 1
    assert number > 1
    check_files(instance)


def test_after_a_kill_anywhere_in_a_removal_all_is_in_order(instance: Instance) -> None:
    killed_somewhere(instance, {"a": None})


def test_after_a_kill_anywhere_in_a_renewal_all_is_in_order(instance: Instance) -> None:
    killed_somewhere(instance, {"a": 2})


@pytest.fixture
def secured(instance: Instance) -> Secured:
    """Let a simulated HAProxy with HTTPS run."""
    played = Secured(instance.paths.conf, 4, 3)
    instance.api = DirectApi(played)
    change(instance, Convergence())
    played.log.clear()
    return played


@pytest.mark.parametrize("number", range(1, 7))
def test_a_kill_at_any_command_is_completed(
    instance: Instance, secured: Secured, number: int
) -> None:
    secured.refuse = stop_at(number, killed)
    with pytest.raises(Killed):
        change(instance, Bring(a=2, b=1))
    secured.refuse = lambda command: None
    change(instance, Convergence())
    check_files(instance)
    with instance.store() as store:
        sha1s = {file_name(row.key): row.sha1 for row in store.certificates()}
    assert secured.serves() == sha1s and len(sha1s) == 2


@pytest.mark.parametrize("number", range(1, 7))
def test_a_refusal_at_any_command_goes_back(
    instance: Instance, secured: Secured, number: int
) -> None:
    secured.refuse = stop_at(number, lambda: "Not today.\n\n")
    with pytest.raises(Refused) as caught:
        change(instance, Bring(a=2, b=1))
    secret = NEW.decode().splitlines()[-2]
    assert secret not in f"{caught.value} {secured.log}"
    check_files(instance)
    assert secured.serves() == {FILE: OLD_ROW.sha1}
    assert list(secured.certs) == [f"{instance.paths.certs}/{FILE}"]
