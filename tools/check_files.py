# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds files that are not text, that lack an SPDX header, and Python files grown too long."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = {".py", ".sh", ".yml", ".yaml"}
TAGS = ("SPDX-FileCopyrightText:", "SPDX-License-Identifier:")
HEADER_LINES = 6
MOST_LINES = 250
# antsibull-changelog writes it anew at each release, without comments.
GENERATED = {"changelog.yaml"}
PICTURES = {".png"}


def project_files() -> Iterator[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    return (path for path in paths if path.is_file() and wanted(path))


def wanted(path: Path) -> bool:
    return path.name not in GENERATED and path.suffix not in PICTURES


def complaints(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield f"{path}: not a text file; was it committed by mistake?"
        return
    lines = text.splitlines()
    # An empty __init__.py stays empty: ansible-test wants it so.
    if text and (path.suffix in SUFFIXES or text.startswith("#!")):
        header = "\n".join(lines[:HEADER_LINES])
        yield from (f"{path}: no {tag}" for tag in TAGS if tag not in header)
    if path.suffix == ".py" and len(lines) > MOST_LINES:
        yield f"{path}: {len(lines)} lines, the most is {MOST_LINES}"


def main() -> int:
    found = [complaint for path in sorted(project_files()) for complaint in complaints(path)]
    print("\n".join(found) or "Every file has its header and a readable length.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
