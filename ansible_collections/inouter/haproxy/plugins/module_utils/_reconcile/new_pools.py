# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools that the running HAProxy lacks: from HAProxy 3.4 on they are made without a reload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._files import atomic
from .._files.config_file import server_options
from .._files.pool_file import DEFAULTS, defaults_of
from .._model.errors import Unusable
from .._model.servers import FREE, pool_name
from .._runtime import backends
from .._runtime.api import RuntimeApi
from .._runtime.commands import Command
from .observe import Places
from .picture import Runtime, SlotKey, Wanted


def make(
    api: RuntimeApi,
    places: Places,
    wanted: Wanted,
    runtime: Runtime,
    changing: Iterable[SlotKey],
) -> None:
    """Have the pools of these slots, as far as they are lacking, with all slots free.

    Raises Unusable where HAProxy is too old for that, Refused with HAProxy's own words.
    """
    config = (atomic.read(places.config) or b"").decode("utf-8", "replace")
    checked = "check" in server_options(config, DEFAULTS)
    present = {pool for pool, _slot in runtime.slots}
    if runtime.version < backends.SINCE:
        _require_pools(runtime.version, {pool for pool, _slot in changing} - present)
        return
    lacking = {key[0] for key in changing if _lacks(runtime, key, checked)}
    if not lacking:
        return
    defaults = {pool: defaults_of(wanted.pool_files[pool]) for pool in sorted(lacking)}
    options = {name: server_options(config, name) for name in set(defaults.values())}
    found = ((server != FREE, key) for key, server in wanted.slots.items() if key[0] in lacking)
    slots = [(*key, options[defaults[key[0]]]) for _used, key in sorted(found)]
    api.do(list(_commands(defaults, slots)))


def _lacks(runtime: Runtime, key: SlotKey, checked: bool) -> bool:
    """Whether HAProxy lacks the slot, or was cut off before it began to check it."""
    slot = runtime.slots.get(key)
    return slot is None or (checked and slot.server == FREE and not slot.checked)


def _commands(
    defaults: Mapping[int, str], slots: Iterable[tuple[int, int, Sequence[str]]]
) -> Iterator[Command]:
    """Pools are published before their slots come, and slots that get a server come last.

    Of what was cut off, something that is needed is lacking then, and all of this is sent again.
    """
    for pool, name in defaults.items():
        yield backends.add_backend(pool, name)
        yield backends.publish_backend(pool)
    for pool, slot, options in slots:
        yield backends.add_slot(pool, slot, options)
        if "check" in options:
            yield backends.enable_checks(pool, slot)


def _require_pools(version: tuple[int, int], lacking: set[int]) -> None:
    if lacking:
        raise Unusable(
            f"The running HAProxy {version[0]}.{version[1]} has no {pool_name(min(lacking))}, and"
            " only 3.4 and newer can be given a pool while they run. Load the configuration first,"
            " with inouter.haproxy.haproxy_config and state: reloaded."
        )
