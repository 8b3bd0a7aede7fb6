# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: what was put in comes out, and nothing else passes for it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import archive

CONTENTS = {"haproxy_mcp.db": b"rows" * 500, "certs/a.test.ecdsa.pem": b"secret"}
AT = "2026-11-22T18:30:00+00:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a backup of generation 7."""
    made = tmp_path / archive.file_name(7, AT)
    archive.write(str(made), CONTENTS, 7, AT)
    return made


def test_what_is_in_it(path: Path) -> None:
    assert path.name == "backup-00000007-20261122T183000Z.tar.gz"
    manifest, found = archive.contents(str(path))
    assert found == CONTENTS
    assert (manifest.generation, manifest.at, set(manifest.sha256)) == (7, AT, set(CONTENTS))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_flipped_bit_is_found_or_changes_nothing(path: Path) -> None:
    content, refused = path.read_bytes(), 0
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        try:
            assert archive.contents(str(path))[1] == CONTENTS
        except archive.BadArchive:
            refused += 1
    assert refused > 0.7 * len(content)


@pytest.mark.parametrize("length", [0, 10, 100, -50])
def test_a_truncated_one_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(archive.BadArchive, match="is not a backup, or is damaged"):
        archive.checked(str(path))


def test_an_error_names_the_others(path: Path) -> None:
    missing = path.with_name(archive.file_name(8, AT))
    with pytest.raises(archive.BadArchive, match=f"There is no backup .*: {path.name}"):
        archive.checked(str(missing))


def test_rotation(path: Path, tmp_path: Path) -> None:
    for generation in (12, 9, 100):
        archive.write(str(tmp_path / archive.file_name(generation, AT)), {}, generation, AT)
    (tmp_path / "other.tar.gz").write_text("stays")
    names = [Path(name).name for name in archive.listed(str(tmp_path))]
    assert [name[7:15] for name in names] == ["00000007", "00000009", "00000012", "00000100"]
    gone = archive.rotate(str(tmp_path), 2, str(tmp_path / names[-1]))
    assert [Path(name).name for name in gone] == names[:2]
    assert len(archive.listed(str(tmp_path))) == 2 and (tmp_path / "other.tar.gz").exists()
    assert archive.listed(str(tmp_path / "none")) == []


def test_the_time_tells_which_is_older(path: Path) -> None:
    newer = path.with_name(archive.file_name(1, "2026-11-23T00:00:00+00:00"))
    archive.write(str(newer), CONTENTS, 1, AT)
    assert archive.listed(str(path.parent)) == [str(path), str(newer)]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_what_is_present_stays(path: Path, keep: int) -> None:
    names = [archive.file_name(7, f"2026-11-2{day}T00:00:00+00:00") for day in (3, 4)]
    for name in names:
        archive.write(str(path.with_name(name)), CONTENTS, 7, AT)
    gone = archive.rotate(str(path.parent), keep, str(path))
    assert [Path(name).name for name in gone] == names[: 3 - keep]
    assert path.exists() and len(archive.listed(str(path.parent))) == keep
