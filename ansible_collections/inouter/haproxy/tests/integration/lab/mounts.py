# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that cannot be written to, even by root: read only, or full."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class Mounts:
    """Mounts, which end in reverse order."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def read_only(self, folder: Path) -> None:
        """Let nobody write below a folder."""
        self._mount("--bind", folder, folder)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)

    def small(self, folder: Path, size: str) -> None:
        """Have a file system of this size at a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)

    def _mount(self, *words: str | Path) -> None:
        done = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mount does not work here: {done.stderr}")
        self._made.append(Path(words[-1]))

    def end(self) -> None:
        """Unmount all."""
        while self._made:
            subprocess.run(["umount", "--lazy", self._made.pop()], check=True)


def fill(folder: Path, kept: int) -> None:
    """Leave so many bytes free on a file system."""
    found = os.statvfs(folder)
    (folder / "ballast").write_bytes(b"\0" * (found.f_bavail * found.f_frsize - kept))
