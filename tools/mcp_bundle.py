# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the MCP server as one file that clients install: `tools/mcp_bundle.py DESTINATION`.

The same sources make the same file. Its digest is printed for `fileSha256` of server.json.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLLECTION = ROOT / "ansible_collections/inouter/haproxy"
KEPT = ("mcp_server", "plugins", "meta")
FILES = ("galaxy.yml", "LICENSE")
DATE = (1980, 1, 1, 0, 0, 0)


def contents() -> Iterator[tuple[str, Path]]:
    """Name in the bundle and source of each file."""
    for path in (ROOT / "mcpb").iterdir():
        yield path.name, path
    sources = [COLLECTION / name for name in FILES]
    for folder in KEPT:
        sources += [path for path in (COLLECTION / folder).rglob("*") if path.is_file()]
    for path in sources:
        if "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT)), path


def bundle() -> bytes:
    """The bundle, which is a zip file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, path in sorted(contents()):
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (path.stat().st_mode & 0o777) << 16
            archive.writestr(info, path.read_bytes())
    return made.getvalue()


def main() -> None:
    """Write it, and print its digest."""
    packed = bundle()
    Path(sys.argv[1]).write_bytes(packed)
    print(hashlib.sha256(packed).hexdigest())


if __name__ == "__main__":
    main()
