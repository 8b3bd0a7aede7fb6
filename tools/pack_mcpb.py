# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the MCP server as a bundle for desktop clients: pack_mcpb.py FOLDER.

Beside the bundle comes a server.json for the registry that names the bundle of this release.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = Path("ansible_collections/inouter/haproxy")
OF_COLLECTION = ("LICENSE", "galaxy.yml", "meta", "mcp_server", "plugins")
OWN = ("manifest.json", "pyproject.toml")
# The same files must give the same bundle, whenever it is packed.
TIME = (1980, 1, 1, 0, 0, 0)


def files() -> Iterator[tuple[Path, str]]:
    """Each file of the bundle, and its name there."""
    yield from ((ROOT / "mcpb" / name, name) for name in OWN)
    for name in OF_COLLECTION:
        place = ROOT / COLLECTION / name
        found = [place] if place.is_file() else sorted(place.rglob("*"))
        kept = (path for path in found if path.is_file() and "__pycache__" not in path.parts)
        yield from ((path, str(path.relative_to(ROOT))) for path in kept)


def pack(folder: Path) -> Path:
    """Write the bundle and the server.json; the bundle's path."""
    manifest = json.loads((ROOT / "mcpb/manifest.json").read_text())
    bundle = folder / f"{manifest['name']}-{manifest['version']}.mcpb"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in files():
            info = zipfile.ZipInfo(name, TIME)
            info.external_attr = path.stat().st_mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    (folder / "server.json").write_text(json.dumps(registered(bundle), indent=2) + "\n")
    return bundle


def registered(bundle: Path) -> dict[str, Any]:
    """The server.json with this bundle as its package."""
    server: dict[str, Any] = json.loads((ROOT / "server.json").read_text())
    release = f"{server['repository']['url']}/releases/download/v{server['version']}"
    package = {
        "registryType": "mcpb",
        "identifier": f"{release}/{bundle.name}",
        "version": server["version"],
        "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
        "transport": {"type": "stdio"},
    }
    return {**server, "packages": [package]}


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("Name one folder that exists: pack_mcpb.py FOLDER", file=sys.stderr)
        return 2
    print(pack(Path(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
