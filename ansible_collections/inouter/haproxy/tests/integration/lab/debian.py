# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages of other suites, with no change to this machine and no root.

The archive's address is this machine's own; only the suite is changed.
"""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
APT = Path("/etc/apt")
# A closure of packages is wanted, whatever this machine has or pins, and its hooks are not.
# Debian's unreleased suites expire within days, which mirrors do not always keep up with.
CONFIGURATION = """
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "30";
APT::Update::Error-Mode "any";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class Source(NamedTuple):
    """One `deb` entry of this machine's package sources."""

    uri: str
    suites: list[str]
    components: list[str]

    def is_main_archive(self) -> bool:
        """Whether it is Debian itself: no security, no backports, nobody else's."""
        names = {platform.freedesktop_os_release().get("VERSION_CODENAME", "")}
        names |= {"stable", "testing", "unstable", "sid"}
        debian = PurePosixPath(self.uri).stem == "debian" and "main" in self.components
        return debian and not names.isdisjoint(self.suites)


def _deb822(text: str) -> Iterator[Source]:
    """Read the paragraphs of a `.sources` file."""
    for paragraph in re.split(r"\n\s*\n", text):
        pairs = re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        fields = {name.lower(): value.split() for name, value in pairs}
        if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
            for uri in fields.get("uris", []):
                yield Source(uri, fields.get("suites", []), fields.get("components", []))


def _one_line(text: str) -> Iterator[Source]:
    """Read the lines of a `.list` file."""
    line = r"^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#\n]+)"
    for uri, suite, components in re.findall(line, text, re.MULTILINE):
        yield Source(uri, [suite], components.split())


def archive(apt: Path = APT) -> str:
    """Return the address from which this machine gets Debian."""
    lists = [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]
    found = [source for path in lists if path.is_file() for source in _one_line(path.read_text())]
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        found += _deb822(path.read_text())
    for source in found:
        if source.is_main_archive():
            return source.uri
    raise LookupError(f"no source of Debian's main archive in {apt}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)


def _private_root(root: Path, suites: tuple[str, ...]) -> Path:
    """Lay out an empty package system that knows only these suites."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (root / folder).mkdir(parents=True)
    (root / "status").touch()
    address = archive()
    lines = [f"deb [signed-by={KEYRING}] {address} {suite} main\n" for suite in suites]
    (root / "sources.list").write_text("".join(lines))
    configuration = root / "apt.conf"
    configuration.write_text(CONFIGURATION.format(root=root))
    return configuration


def download(package: str, suites: tuple[str, ...], root: Path) -> list[Path]:
    """Download a package with everything it depends on, libc included."""
    if not KEYRING.is_file():
        raise LookupError(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
    apt = ["apt-get", "-qq", "-c", str(_private_root(root, suites))]
    install = ["install", "--yes", "--no-install-recommends", "--download-only", package]
    for command in (["update"], install):
        _run(*apt, *command)
    return sorted(root.glob("cache/archives/*.deb"))


def unpack(packages: list[Path], folder: Path) -> None:
    """Lay the files of all packages into one folder."""
    for package in packages:
        _run("dpkg-deb", "-x", str(package), str(folder))
