# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private folder: nobody else's, and gone with its server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes import folder as folder_module
from ansible_collections.inouter.haproxy.mcp_server.writes.folder import (
    PREFIX,
    PrivateFolder,
    remove_job,
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let private folders be made in a place of the test's own."""
    monkeypatch.setattr(folder_module, "places", lambda: [tmp_path])
    return tmp_path


def test_only_its_owner_can_enter(place: Path) -> None:
    made = PrivateFolder()
    secret = made.write("inventory.json", "{}")
    assert made.path.parent == place
    assert {path.stat().st_mode & 0o077 for path in (made.path, secret)} == {0}
    made.remove()
    assert list(place.iterdir()) == []


def test_what_a_killed_server_left_is_swept(place: Path) -> None:
    alive, killed = PrivateFolder(), PrivateFolder()
    os.close(killed._lock)  # What the kernel does.
    (killed.path / "jobs" / "1").mkdir()
    stranger = place / f"{PREFIX}other"
    stranger.mkdir()
    link = place / f"{PREFIX}{os.geteuid()}-link"
    link.symlink_to(stranger)
    made = PrivateFolder()
    assert not killed.path.exists()
    assert alive.path.exists() and stranger.exists() and made.path.exists()
    assert (alive.path / "jobs").is_dir()
    for folder in (alive, made):
        folder.remove()


def test_nobody_sees_a_folder_before_it_is_held(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    lock = folder_module.fcntl.flock

    def look(handle: int, how: int) -> None:
        seen.extend(place.glob(f"{PREFIX}*"))
        lock(handle, how)

    monkeypatch.setattr(folder_module.fcntl, "flock", look)
    made = PrivateFolder()
    assert seen == [] and made.path.name.startswith(PREFIX)
    made.remove()


def test_the_first_place_is_in_memory() -> None:
    if Path("/dev/shm").is_dir():
        assert folder_module.places()[0] == Path("/dev/shm")
    assert folder_module.places()


WRITER = """
import os, sys, time
end, number = time.monotonic() + 0.5, 0
print(flush=True)
while time.monotonic() < end:
    try:
        os.mkdir(f"{sys.argv[1]}/{number}")
    except OSError:
        pass
    number += 1
"""


def test_a_job_that_still_writes_leaves_nothing(tmp_path: Path) -> None:
    """What is made while the folder is removed does not keep it."""
    path = tmp_path / "1"
    path.mkdir()
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        assert remove_job(path)
    assert not path.exists()
