# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser, with no window and no network."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from .tools import need

# Nothing that a page asks for by name can be found.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"


def opened(page: Path) -> str:
    """The page's DOM after its scripts ran."""
    return _chromium("--dump-dom", page)


def screenshot(page: Path, picture: Path) -> None:
    """What a person would see, as PNG."""
    _chromium("--window-size=1240,1600", f"--screenshot={picture}", page)


def _chromium(*words: str | Path) -> str:
    program = need("chromium", "apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        fixed = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        *options, page = words
        done = subprocess.run(
            [program, *fixed, OFFLINE, *options, f"file://{page}"],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
    return done.stdout
