# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems of hosts and of HAProxy containers, made from Debian's packages alone.

`python -m tests.integration.lab.images` in the collection's folder makes all of them, and prints
the cache folder that holds them as `NAME.tar`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from . import debian
from .builds import UnavailableError, cache
from .programs import locked
from .tools import in_ci


class Recipe(NamedTuple):
    """A suite of Debian, and the packages beside the essential ones."""

    suite: str
    packages: str


IMAGES = {
    "lab-host": Recipe(
        "trixie", "systemd,systemd-sysv,dbus,python3,openssh-server,iproute2,procps"
    ),
    "lab-haproxy": Recipe("trixie", "haproxy"),
    "lab-python": Recipe("trixie", "python-is-python3,python3-venv"),
}


def make(name: str) -> None:
    """Make an image, unless the cache has it."""
    final = cache() / f"{name}.tar"
    with locked(name):
        if final.exists():
            return
        recipe, work = IMAGES[name], cache() / f".{name}.new.tar"
        source = f"deb [signed-by={debian.KEYRING}] {debian.archive()} {recipe.suite} main"
        options = ["--quiet", "--variant=minbase", f"--include={recipe.packages}"]
        command = ["mmdebstrap", *options, recipe.suite, str(work), source]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
        work.rename(final)


def main() -> int:
    """Make every image."""
    for name in IMAGES:
        try:
            make(name)
        except (subprocess.SubprocessError, LookupError, OSError, UnavailableError) as error:
            said = str(getattr(error, "stderr", None) or error).strip()
            print(f"The image {name} cannot be made: {said}", file=sys.stderr)
            return int(in_ci())
    print(cache())
    return 0


if __name__ == "__main__":
    sys.exit(main())
