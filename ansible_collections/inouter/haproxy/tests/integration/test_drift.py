# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report names each difference exactly, and converge repairs it."""

from __future__ import annotations

import pytest

from .lab.managed import Managed
from .lab.pki import Authority
from .lab.secured import Secured
from .lab.seeds import SEEDS, furnish, named


@pytest.mark.timeout(400)
def test_each_difference_is_named_and_repaired(spacious: Secured, authority: Authority) -> None:
    """One after the other: the report has this one and nothing else, then nothing at all."""
    furnish(spacious, authority)
    right = spacious.snapshot()[1:]
    assert report(spacious) == []
    for name, seed in SEEDS.items():
        seed.make(spacious)
        assert report(spacious) == [(seed.named, seed.differs)], name
        assert spacious.module("haproxy_state")["verified"], name
        assert report(spacious) == [], name
        assert spacious.snapshot()[1:] == right, name


def report(managed: Managed) -> list[tuple[tuple[str, str], list[str]]]:
    """What the report names."""
    drift = managed.module("haproxy_state_info")["drift"]
    found = named(drift, managed.base_dir)
    assert drift["converged"] == (not found)
    return found
