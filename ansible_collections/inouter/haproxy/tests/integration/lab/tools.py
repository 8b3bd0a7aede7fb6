# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test does when the machine lacks something that it needs."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this is a CI run, where a skipped test would hide a missing install step."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def missing(tool: str, how_to_get_it: str) -> NoReturn:
    """Skip the test on a developer's machine, fail it in CI."""
    sentence = f"{tool} is missing: {how_to_get_it}"
    if in_ci():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def need(tool: str, how_to_get_it: str) -> str:
    """Return the path of a program, also one that is only on an administrator's PATH."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return shutil.which(tool, path=places) or missing(tool, how_to_get_it)
