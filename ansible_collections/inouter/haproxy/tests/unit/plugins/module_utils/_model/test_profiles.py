# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles of pools: written as a setting, read again, and refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model import profiles
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.profiles import Profile


def given(name: str, first: int, last: int) -> dict[str, Any]:
    return {"name": name, "first": first, "last": last, "balance": "leastconn"}


def test_they_are_written_in_order_and_read_again() -> None:
    text = profiles.written([given("h2_tls", 9, 9), given("sticky", 2, 4)], 9)
    assert text == "sticky=2-4 h2_tls=9-9"
    assert profiles.read(text) == [Profile("sticky", 2, 4), Profile("h2_tls", 9, 9)]
    assert profiles.read(profiles.written([], 9)) == []


def test_a_pool_has_the_profile_of_its_range() -> None:
    known = [Profile("sticky", 2, 4), Profile("h2", 5, 5)]
    names = [profiles.of_pool(known, pool) for pool in range(1, 7)]
    assert names == ["", "sticky", "sticky", "sticky", "h2", ""]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([given("Sticky", 1, 2)], "pool_profiles: 'Sticky' cannot be a name"),
        ([given("a b", 1, 2)], "pool_profiles: 'a b' cannot be a name"),
        ([given("a", 0, 2)], "'a=0-2' has pools that cannot be"),
        ([given("a", 3, 2)], "'a=3-2' has pools that cannot be"),
        ([given("a", 1, 10)], "both are from 1 to 9"),
        ([given("a", 1, 3), given("b", 3, 4)], "'b=3-4' shares pools with a=1-3"),
    ],
    ids=["capital", "space", "zero", "reversed", "beyond", "shared"],
)
def test_what_cannot_be_is_refused(wrong: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        profiles.written(wrong, 9)
