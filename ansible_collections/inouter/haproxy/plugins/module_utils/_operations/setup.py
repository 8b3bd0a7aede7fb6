# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making an instance: folders, database, settings, and its files for the first time."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._files import atomic, map_file
from .._instance.instance import Instance
from .._instance.settings import Settings
from .._instance.write import Outcome, write
from .._model.errors import HaproxyError, NotRunning
from .._reconcile.picture import EVERYTHING, Scope
from .._runtime import commands, replies, statistics
from .._store import watermark
from .._store.store import Store

LOADED_ONLY = ("haproxy.cfg", "unknown.html", "mcp-tokens")
"""What a start or a reload reads, and nothing brings to a HAProxy that runs."""

FOLDER_MODES = {"conf": 0o755, "pools": 0o755, "certs": 0o700, "data": 0o700, "run": 0o755}


def missing_folders(instance: Instance) -> list[str]:
    """Folders of the instance that are not there yet."""
    paths = instance.paths
    wanted = [paths.conf, paths.pools, paths.certs, paths.data, paths.run]
    return [path for path in wanted if not os.path.isdir(path)]


def set_up(instance: Instance, changes: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Make what is missing and set what is given; everything else stays.

    Raises InvalidInput for a bad setting, HaproxyError where pools or slots would get fewer.
    """
    new = missing_folders(instance) or not os.path.exists(instance.paths.database)
    settings = Settings().with_changes(changes) if new else None
    if settings and check_mode:
        return Outcome(changed=True, described={"settings": settings._asdict()})
    if not (os.path.exists(instance.paths.database) or watermark.read(instance.paths.database)):
        _refuse_unknown_routes(instance)
    for path in missing_folders(instance):
        os.makedirs(path, FOLDER_MODES[os.path.basename(path)])
    created = instance.create_database()
    outcome = write(instance, "haproxy_instance", SetUp(changes), check_mode)
    outcome.changed |= bool(new or created)
    if outcome.changed and changes.get("pool_profiles") and not check_mode:
        _want_reload(instance)
    return outcome


def _refuse_unknown_routes(instance: Instance) -> None:
    """A new database would take them all away."""
    for path in instance.places(Settings()).maps:
        for domain, _pool in map_file.entries(atomic.read(path) or b""):
            raise HaproxyError(
                f"{path} routes {domain} already, of which a new database would know nothing. Take"
                " over what runs with haproxy_state state=adopted, or what another system left with"
                " state=migrated; or move the file away."
            )


class SetUp(NamedTuple):
    """The settings that a caller gives; those that are None stay."""

    changes: Mapping[str, Any]

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Set them, and have as many pools as they say."""
        after = settings.with_changes(self.changes)
        present = store.pool_count()
        _refuse_less(settings, after, present)
        pools = max(present, after.pool_count)
        after = after._replace(runtime_pools=pools - after.pool_count)
        for name, value in after.rows().items():
            store.put_setting(name, value)
        store.set_pool_count(pools)
        return EVERYTHING

    def describe(self, store: Store) -> dict[str, Any]:
        """The settings."""
        return {"settings": Settings.of_rows(store.settings())._asdict()}


def _refuse_less(old: Settings, settings: Settings, pools: int) -> None:
    if pools and settings.pool_count < old.pool_count:
        raise HaproxyError(
            f"pool_count: {settings.pool_count} is less than the {old.pool_count} pools that exist."
            " Pools can be added, not taken away."
        )
    if pools and settings.pool_slots < old.pool_slots:
        raise HaproxyError(
            f"pool_slots: {settings.pool_slots} is less than the {old.pool_slots} slots that each"
            " pool has. Slots can be added, not taken away."
        )


def _want_reload(instance: Instance) -> None:
    """No HAProxy tells on which defaults a pool builds, but each tells when it started."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(instance.paths.config)


def reload_needed(instance: Instance) -> bool:
    """Whether the running HAProxy lacks slots, or is older than what only a reload reads."""
    if not os.path.exists(instance.paths.database):
        return False
    with instance.store() as store:
        settings = Settings.of_rows(store.settings())
    try:
        state, info = instance.api.ask([commands.show_servers_state(0), commands.show_info()])
    except NotRunning:
        return False
    lacking = len(replies.slots(state)) < settings.pools * settings.pool_slots
    return lacking or _is_older(info, instance.paths.conf)


def _is_older(info: str, conf: str) -> bool:
    """In the second of its start it has read a file; a time that is still to come says nothing."""
    started = statistics.info_fields(info)["Start_time_sec"]
    paths = (f"{conf}/{name}" for name in LOADED_ONLY)
    times = (os.stat(path).st_mtime for path in paths if os.path.exists(path))
    return any(int(started or 0) < int(changed) <= time.time() for changed in times)
