# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole states of an instance: compared, and put back."""

from __future__ import annotations

import shutil
from pathlib import Path

from .managed import Managed


def comparable(managed: Managed) -> object:
    """Rows, files and runtime, without the history and the instance's own paths."""
    files = {Path(path).name: content for path, content in managed.files().items()}
    files.pop("haproxy.cfg")
    rows = [r for r in managed.truth_without_history() if "settings" not in r]
    return [r for r in rows if 'INTO "pools"' not in r], files, managed.runtime()


def put_back(managed: Managed, saved: Path) -> None:
    """The instance as it was when its `conf` was saved."""
    conf = managed.base_dir / "conf"
    for path in conf.glob("haproxy_mcp.db*"):
        path.unlink()
    shutil.copytree(saved, conf, dirs_exist_ok=True)
    for path in conf.rglob("*.new"):
        path.unlink()
    managed.module("haproxy_state")
