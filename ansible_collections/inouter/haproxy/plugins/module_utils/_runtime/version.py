# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of HAProxy, and what each brings."""

from __future__ import annotations

import re

from .._model.errors import Unusable

OLDEST = (2, 8)
_VERSION = re.compile(r"(\d+)\.(\d+)")


def parse_version(text: str) -> tuple[int, int]:
    """(3, 2) for `3.2.26-1`; raises Unusable for anything else."""
    match = _VERSION.match(text.strip())
    if not match:
        raise Unusable(f"HAProxy's version cannot be read from {text.strip()!r}.")
    return int(match.group(1)), int(match.group(2))


def require_supported(text: str) -> tuple[int, int]:
    """The version, where it is new enough; raises Unusable."""
    version = parse_version(text)
    if version < OLDEST:
        raise Unusable(
            f"HAProxy {text.strip()} is too old: inouter.haproxy needs"
            f" {OLDEST[0]}.{OLDEST[1]} or newer. Update HAProxy on this host."
        )
    return version
