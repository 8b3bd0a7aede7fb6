# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's lock: one writer at a time, and the others learn who it is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance import lock
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.lock import locked
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Busy

ROOT = Path(lock.__file__).parents[6]
HOLDER = """
import sys
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.lock import locked
with locked(sys.argv[1], "haproxy_domain", 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SUDO_USER": "operator"}
    environment.pop("SSH_CONNECTION", None)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert child.stdout
    with child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_busy_names_the_holder(path: Path) -> None:
    with held_by_another(path) as child, pytest.raises(Busy) as caught:
        locked(str(path), "haproxy_server", 0).__enter__()
    message = str(caught.value)
    assert message.startswith(f"The lock {path} was held for 0 s by haproxy_domain of operator")
    assert f"(pid {child.pid}, for " in message
    assert message.endswith("or raise lock_timeout.")


def test_the_lock_of_a_killed_holder_is_free(path: Path) -> None:
    with held_by_another(path) as child:
        child.kill()
        child.wait()
        with locked(str(path), "haproxy_server", 0):
            pass


def test_a_waiter_gets_the_lock_when_it_is_freed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_by_another(path) as child:

        def end_the_holder(_seconds: float) -> None:
            child.kill()
            child.wait()

        monkeypatch.setattr(lock.time, "sleep", end_the_holder)
        with locked(str(path), "haproxy_server", 60):
            pass


def test_the_lock_is_free_after_the_block_and_after_an_error(path: Path) -> None:
    with pytest.raises(ValueError), locked(str(path), "one", 0):
        raise ValueError
    with locked(str(path), "two", 0):
        pass
    with locked(str(path), "three", 0):
        pass


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"x"', "null", '{"pid": 1}', '{"since": "now"}']
)
def test_a_holder_that_cannot_be_read_is_another_process(path: Path, content: str) -> None:
    with locked(str(path), "one", 0):
        path.write_text(content)
        with pytest.raises(Busy, match="by another process"):
            locked(str(path), "two", 0).__enter__()


def test_a_shorter_holder_leaves_nothing_of_the_longer_one(path: Path) -> None:
    for action in ("a" * 200, "b"):
        with locked(str(path), action, 0):
            pass
    with locked(str(path), "c", 0), pytest.raises(Busy, match="by c of"):
        locked(str(path), "d", 0).__enter__()


def test_no_handle_is_left(path: Path) -> None:
    before = sorted(os.listdir("/dev/fd"))
    with locked(str(path), "one", 0), pytest.raises(Busy):
        locked(str(path), "two", 0).__enter__()
    assert sorted(os.listdir("/dev/fd")) == before


def test_the_lock_is_for_the_owner_and_the_group(path: Path) -> None:
    mask = os.umask(0)
    try:
        with locked(str(path), "one", 0):
            pass
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
