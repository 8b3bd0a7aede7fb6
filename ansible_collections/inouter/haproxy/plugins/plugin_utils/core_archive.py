# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core as one file that any Python of a managed host can run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

_CORE = Path(__file__).parents[1] / "module_utils"
_PACKAGE = "ansible_collections/inouter/haproxy/plugins/module_utils"
# These need Ansible, which is not on the hosts.
_FOR_MODULES = ("_module", "_compile_once.py")
# The same content makes the same file, whenever and wherever it is made.
_DATE = (1980, 1, 1, 0, 0, 0)
_MAIN = """\
import sys

from ansible_collections.inouter.haproxy.plugins.module_utils._program.main import main

sys.exit(main(sys.argv))
"""


def core_archive() -> bytes:
    """A zip file of the core, which `python3 FILE` runs; see `_program/main.py`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(_files()):
            archive.writestr(zipfile.ZipInfo(name, _DATE), text)
    return content.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", _MAIN.encode()
    folders = {_PACKAGE, *(str(parent) for parent in list(Path(_PACKAGE).parents)[:-1])}
    for path in _CORE.rglob("*.py"):
        inner = path.relative_to(_CORE)
        if inner.parts[0] not in _FOR_MODULES and path.name != "__init__.py":
            folders.add(f"{_PACKAGE}/{inner.parent}")
            yield f"{_PACKAGE}/{inner}", path.read_bytes()
    for folder in folders:
        yield f"{folder}/__init__.py", b""
