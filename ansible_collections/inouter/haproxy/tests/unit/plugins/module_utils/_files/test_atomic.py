# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are replaced as a whole or not at all, and keep their owner and mode."""

from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import atomic

OLD, NEW = b"old\n", b"new\n" * 1000
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_read(file: Path, tmp_path: Path) -> None:
    assert atomic.read(str(file)) == OLD
    assert atomic.read(str(tmp_path / "missing")) is None
    assert atomic.read(str(tmp_path / "no/folder")) is None
    with pytest.raises(OSError):
        atomic.read(str(tmp_path))


def test_replace(file: Path) -> None:
    atomic.replace(str(file), NEW)
    assert file.read_bytes() == NEW
    assert os.listdir(file.parent) == ["file"]


def test_replace_with_parts(file: Path) -> None:
    parts = [memoryview(b"a\n"), memoryview(b""), memoryview(b"xb\nx")[1:3]]
    atomic.replace(str(file), parts)
    assert file.read_bytes() == b"a\nb\n"


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o664, 0o400])
def test_replace_keeps_the_mode(file: Path, bits: int) -> None:
    file.chmod(bits)
    atomic.replace(str(file), NEW)
    assert (mode(file), file.read_bytes()) == (bits, NEW)


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
def test_a_new_file_has_the_same_mode_under_any_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        atomic.replace(str(tmp_path / "new"), NEW)
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == atomic.NEW_FILE_MODE == 0o640


@needs_root
def test_replace_keeps_the_owner(file: Path) -> None:
    os.chown(file, 12345, 54321)
    atomic.replace(str(file), NEW)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 54321)


@needs_root
def test_a_new_file_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 54321)
    atomic.replace(str(tmp_path / "new"), NEW)
    assert ((tmp_path / "new").stat().st_uid, (tmp_path / "new").stat().st_gid) == (12345, 54321)


def test_the_content_is_on_disk_before_the_name_and_the_name_before_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    replace = os.replace

    def fsync(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        calls.append(f"fsync {kind} {os.fstat(handle).st_size if kind == 'file' else ''}".strip())

    def renamed(old: str, new: str) -> None:
        calls.append("rename")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", renamed)
    atomic.replace(str(file), NEW)
    assert calls == [f"fsync file {len(NEW)}", "rename", "fsync folder"]


@pytest.mark.parametrize("function", ["fsync", "replace", "fchmod"])
def test_a_failure_leaves_the_old_content_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, function, full)
    with pytest.raises(OSError, match="No space left"):
        atomic.replace(str(file), NEW)
    assert (os.listdir(file.parent), file.read_bytes()) == (["file"], OLD)


@contextmanager
def room_for(most: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [101, 150, 100000])
def test_a_file_that_does_not_fit_is_not_cut_short(file: Path, size: int) -> None:
    with room_for(100), pytest.raises(OSError, match="File too large"):
        atomic.replace(str(file), b"x" * size)
    with room_for(100), pytest.raises(OSError, match="File too large"):
        atomic.replace(str(file), [memoryview(b"x" * 50), memoryview(b"x" * (size - 50))])
    assert (os.listdir(file.parent), file.read_bytes()) == (["file"], OLD)


def test_what_an_earlier_crash_left_is_in_nobodys_way(file: Path) -> None:
    Path(f"{file}.new").write_bytes(b"half")
    atomic.replace(str(file), NEW)
    assert (os.listdir(file.parent), file.read_bytes()) == (["file"], NEW)


def test_a_planted_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    Path(f"{file}.new").symlink_to(victim)
    atomic.replace(str(file), NEW)
    assert (file.read_bytes(), victim.read_bytes()) == (NEW, OLD)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic.replace(str(tmp_path / "no/file"), NEW)


def test_remove(file: Path) -> None:
    atomic.remove(str(file))
    assert not file.exists()
    atomic.remove(str(file))


def test_a_removal_is_on_disk_at_the_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/dev/fd/{handle}")))
    atomic.remove(str(file))
    assert synced == [str(file.parent)]


def test_no_handle_is_left(file: Path) -> None:
    before = sorted(os.listdir("/dev/fd"))
    atomic.replace(str(file), NEW)
    atomic.read(str(file))
    atomic.remove(str(file))
    assert sorted(os.listdir("/dev/fd")) == before
