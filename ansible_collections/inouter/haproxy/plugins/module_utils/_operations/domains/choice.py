# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools for new domains: those that are free, and new ones where HAProxy can be given them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Optional

from ..._instance.settings import MAX_POOLS, Settings
from ..._model import profiles
from ..._model.errors import Conflict
from ..._runtime.version import OLDEST
from ..._store.store import Store

RUNTIME_POOLS_SINCE = (3, 4)

AskVersion = Callable[[], Optional[tuple[int, int]]]
"""Tells the version of the HAProxy that runs; None where none does."""


def take_pools(
    store: Store,
    settings: Settings,
    count: int,
    version: AskVersion | None,
    others: Collection[int] = (),
) -> list[int]:
    """So many pools that serve no domain and are not of `others`, which are spoken for.

    Where there are not enough, new ones are added. Raises Conflict where the running HAProxy is
    too old for that, or cannot be asked. One that does not run reads their files when it starts.
    """
    apart = [(profile.first, profile.last) for profile in profiles.read(settings.pool_profiles)]
    found = store.free_pools(count + len(others), apart)
    free = [pool for pool in found if pool not in others][:count]
    lacking = count - len(free)
    if lacking > 0:
        _require_growth(settings, lacking, OLDEST if version is None else version())
        free += add_pools(store, settings, lacking)
    return free


def have_pools(store: Store, settings: Settings, last: int, version: AskVersion | None) -> Settings:
    """Have the pools up to this one, and return the settings with them. Raises Conflict."""
    lacking = last - settings.pools
    if lacking <= 0:
        return settings
    _require_growth(settings, lacking, OLDEST if version is None else version())
    add_pools(store, settings, lacking)
    return Settings.of_rows(store.settings())


def add_pools(store: Store, settings: Settings, count: int) -> range:
    """Have so many more pools than are prepared, and return their numbers."""
    pools = settings.pools + count
    store.set_pool_count(pools)
    store.put_setting("runtime_pools", str(pools - settings.pool_count))
    return range(settings.pools + 1, pools + 1)


def _require_growth(settings: Settings, lacking: int, version: tuple[int, int] | None) -> None:
    if settings.pools + lacking > MAX_POOLS:
        raise Conflict(f"{_used_up(settings, lacking)} More than {MAX_POOLS} cannot be had.")
    if version is not None and version < RUNTIME_POOLS_SINCE:
        raise Conflict(
            f"{_used_up(settings, lacking)} Let domains share the servers of another one"
            " (share_with), or raise the role's haproxy_pool_count. HAProxy 3.4 and newer can be"
            f" given pools while they run, this one is {version[0]}.{version[1]}."
        )


def _used_up(settings: Settings, lacking: int) -> str:
    needed = "one more is" if lacking == 1 else f"{lacking} more are"
    taken = "in use or have a profile" if settings.pool_profiles else "in use"
    return f"All {settings.pools} pools are {taken}, and {needed} needed."
