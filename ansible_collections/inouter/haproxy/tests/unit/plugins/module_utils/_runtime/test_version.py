# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of HAProxy: read from what it says, and refused where too old."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Unusable
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.version import (
    parse_version,
    require_supported,
)

SUPPORTED = [
    ("2.8.25-5cf5d0683\n", (2, 8)),
    ("3.0.11-1+deb13u3\n", (3, 0)),
    ("3.2.26-1\n", (3, 2)),
    ("3.4.7-1\n", (3, 4)),
    ("3.3-dev7-12ab34c", (3, 3)),
    ("10.0.0", (10, 0)),
]


@pytest.mark.parametrize(("text", "version"), SUPPORTED)
def test_supported_versions(text: str, version: tuple[int, int]) -> None:
    assert parse_version(text) == require_supported(text) == version


@pytest.mark.parametrize("text", ["2.6.12-1+deb12u4\n", "2.7.0", "1.9.9", "0.0.1"])
def test_older_versions_are_refused(text: str) -> None:
    parse_version(text)
    with pytest.raises(
        Unusable, match=r"is too old: inouter\.haproxy needs 2\.8 or newer"
    ) as caught:
        require_supported(text)
    assert str(caught.value).startswith(f"HAProxy {text.strip()} ")


@pytest.mark.parametrize("text", ["", "\n", "None", "HAProxy 3.2", "3", "Unknown command: 'show'"])
def test_other_words_are_no_version(text: str) -> None:
    with pytest.raises(Unusable, match="version cannot be read from") as caught:
        require_supported(text)
    assert repr(text.strip()) in str(caught.value)
