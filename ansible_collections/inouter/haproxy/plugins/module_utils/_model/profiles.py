# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: ranges of pools that send requests in a way of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .errors import InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
OPTION = "pool_profiles"


class Profile(NamedTuple):
    """The pools `first` to `last`, which build on the section `defaults pools_NAME`."""

    name: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.name}={self.first}-{self.last}"


def read(text: str) -> list[Profile]:
    """The profiles of a setting, which `written` has made."""
    words = (re.split("[=-]", word) for word in text.split())
    return [Profile(name, int(first), int(last)) for name, first, last in words]


def written(given: Iterable[Mapping[str, Any]], pools: int) -> str:
    """The setting for these profiles of an instance with so many pools; raises InvalidInput."""
    profiles = sorted((Profile(g["name"], g["first"], g["last"]) for g in given), key=_first)
    for profile in profiles:
        _require_usable(profile, pools)
    for before, after in zip(profiles, profiles[1:]):
        if after.first <= before.last:
            allowed = "A pool can have one profile"
            raise InvalidInput(OPTION, str(after), f"shares pools with {before}", allowed)
    return " ".join(map(str, profiles))


def _first(profile: Profile) -> int:
    return profile.first


def _require_usable(profile: Profile, pools: int) -> None:
    if not _NAME.match(profile.name):
        allowed = "Lower-case letters, digits and _ are allowed, with a letter in front"
        raise InvalidInput(OPTION, profile.name, "cannot be a name", allowed)
    if not 1 <= profile.first <= profile.last <= pools:
        allowed = f"The first pool comes before the last, and both are from 1 to {pools}"
        raise InvalidInput(OPTION, str(profile), "has pools that cannot be", allowed)


def of_pool(profiles: Sequence[Profile], pool: int) -> str:
    """The name of a pool's profile, or nothing."""
    return next((p.name for p in profiles if p.first <= pool <= p.last), "")
