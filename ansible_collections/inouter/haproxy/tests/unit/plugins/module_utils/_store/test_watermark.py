# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest generation and the settings, beside the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._store import watermark


def test_nothing_is_known_of_a_new_host(tmp_path: Path) -> None:
    assert watermark.read(str(tmp_path / "db")) == 0
    assert watermark.settings(str(tmp_path / "db")) == {}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "db")
    watermark.write(path, 41, {"pool_count": "5", "x": "a long value that goes"})
    watermark.write(path, 42, {"pool_count": "5"})
    assert (watermark.read(path), watermark.settings(path)) == (42, {"pool_count": "5"})


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\n\xff\n", b"7\n[1]\n", b"7\n"])
def test_damage_is_no_error(tmp_path: Path, content: bytes) -> None:
    Path(tmp_path / "db-generation").write_bytes(content)
    assert watermark.read(str(tmp_path / "db")) in (0, 7)
    assert watermark.settings(str(tmp_path / "db")) == {}
