# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that were replaced are kept, for their owner alone, while they can come back."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._instance import kept
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._store.history import WINDOW
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, fake


@pytest.fixture(autouse=True)
def https(instance: Instance) -> None:
    """Let the instance serve HTTPS."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)


def names(instance: Instance) -> list[str]:
    """The files that are kept."""
    return sorted(os.listdir(instance.paths.kept)) if os.path.isdir(instance.paths.kept) else []


def test_what_is_replaced_or_removed_is_kept(instance: Instance) -> None:
    write(instance, "test", Bring(a=1))
    assert names(instance) == []
    replaced = write(instance, "test", Bring(a=2)).generation
    removed = write(instance, "test", Bring(a=None)).generation
    (first, pem), second = fake("a.test"), fake("a.test", 2)[0]
    assert names(instance) == [f"{replaced}-{first.content}.pem", f"{removed}-{second.content}.pem"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in Path(instance.paths.kept).iterdir()}
    folder = stat.S_IMODE(os.stat(instance.paths.kept).st_mode)
    assert (modes, folder) == ({0o600}, 0o700)
    assert kept.content(instance.paths, first) == pem
    assert kept.content(instance.paths, fake("b.test")[0]) is None


def test_the_present_file_is_content_too(instance: Instance) -> None:
    write(instance, "test", Bring(a=1))
    row, pem = fake("a.test")
    assert kept.content(instance.paths, row) == pem
    Path(instance.paths.certs, "a.test.ecdsa.pem").write_text("broken")
    assert kept.content(instance.paths, row) is None


def test_a_write_that_could_not_go_back(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has taken the old one back, the file is the new one: the old one is served."""
    write(instance, "test", Bring(a=1))
    looks = iter([Instance.observe])

    def observe(self: Instance, *given: Any) -> Any:
        for look in looks:
            return look(self, *given)
        raise Unusable("The Runtime API did not answer within 10 s.")

    with monkeypatch.context() as patch:
        patch.setattr(Instance, "observe", observe)
        with pytest.raises(HaproxyError, match="did not answer"):
            write(instance, "test", Bring(a=2))
    path = Path(instance.paths.certs, "a.test.ecdsa.pem")
    assert path.read_bytes() == fake("a.test", 2)[1]
    outcome = write(instance, "test", Convergence())
    assert outcome.persisted and not outcome.lost
    assert path.read_bytes() == fake("a.test", 1)[1]
    listing = Path(instance.paths.conf, "certs.crtlist").read_bytes()
    assert crt_list.paths(listing) == [str(path)]


def test_what_left_the_window_is_forgotten(instance: Instance) -> None:
    write(instance, "test", Bring(a=1))
    write(instance, "test", Bring(a=2))
    for number in range(WINDOW - 1):
        write(instance, "test", DomainRequest("a.test", ip=f"10.0.0.{number + 1}"))
    assert len(names(instance)) == 1
    write(instance, "test", DomainRequest("a.test", ip="10.0.1.1"))
    assert names(instance) == []


def test_a_check_keeps_nothing(instance: Instance) -> None:
    write(instance, "test", Bring(a=1))
    write(instance, "test", Bring(a=2), check_mode=True)
    assert names(instance) == []


def test_what_the_database_never_knew_is_kept_for_good(instance: Instance) -> None:
    write(instance, "test", Bring(a=1))
    Path(instance.paths.certs, "strange.pem").write_text("secret")
    Path(instance.paths.certs, "b.test.ecdsa.pem").write_text("another")
    write(instance, "test", Convergence(), check_mode=True)
    assert not Path(instance.paths.data, "replaced").exists()
    write(instance, "test", Bring(a=2, b=1))
    write(instance, "test", Convergence())
    found = sorted(Path(instance.paths.data, "replaced").rglob("*.pem"))
    assert [path.read_text() for path in found] == ["another", "secret"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [*found, found[0].parent]}
    assert modes == {0o600, 0o700}
