# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The crt-list: one line for each certificate that HAProxy loads at start."""

from __future__ import annotations

from collections.abc import Iterable

HEADER = "# Written by inouter.haproxy. Change it with haproxy_cert, not by hand.\n"


def render(paths: Iterable[str]) -> bytes:
    """The file for these certificates."""
    return (HEADER + "".join(f"{path}\n" for path in sorted(paths))).encode("ascii")


def paths(content: bytes | None) -> list[str]:
    """The certificates that the file names."""
    lines = (content or b"").decode("utf-8", "replace").splitlines()
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
