# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance's settings: rows of the database that the role writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._model import profiles
from .._model.errors import InvalidInput
from .._model.servers import whole_number

MAX_POOLS = 100000
MAX_SLOTS = 1000
# HAProxy takes paths as words of a command line and of a configuration line.
_FOLDER = r"/[A-Za-z0-9_./@+=,~-]*\Z"


def safe_folder(path: str, option: str) -> str:
    """The absolute path, with no slash at its end; raises InvalidInput."""
    if not re.match(_FOLDER, path):
        allowed = "An absolute path of letters, digits and _ . / @ + = , ~ - is allowed"
        raise InvalidInput(option, path, "cannot be used", allowed)
    return path.rstrip("/")


class Settings(NamedTuple):
    """How an instance is laid out.

    :param pool_count: pools that are prepared, 1 to 100000
    :param runtime_pools: pools beyond those, made while HAProxy ran
    :param pool_slots: slots of each pool, 1 to 1000
    :param haproxy_conf: the folder `conf/` as HAProxy itself names it
    :param haproxy_binary: the program that checks a configuration
    :param haproxy_container: the container that HAProxy runs in, or nothing
    :param haproxy_certs: the folder `certs/` as HAProxy itself names it
    :param acme_thumbprint: of the ACME account, with which HAProxy answers http-01 challenges
    :param pool_profiles: ranges of pools, as `_model.profiles` writes them
    :param https: where HTTPS is served, as `host:port` for the check of what is served
    """

    pool_count: int = 100
    pool_slots: int = 10
    haproxy_conf: str = ""
    haproxy_binary: str = "haproxy"
    haproxy_container: str = ""
    haproxy_certs: str = ""
    https: str = ""
    acme_thumbprint: str = ""
    pool_profiles: str = ""
    runtime_pools: int = 0

    @property
    def pools(self) -> int:
        """How many pools there are: pool_1 up to this number."""
        return self.pool_count + self.runtime_pools

    @classmethod
    def of_rows(cls, rows: Mapping[str, str]) -> Settings:
        """The settings that the database's rows hold."""
        known: dict[str, Any] = {name: rows[name] for name in cls._fields if name in rows}
        for name in ("pool_count", "pool_slots", "runtime_pools"):
            if name in known:
                known[name] = int(known[name])
        return cls(**known)

    def rows(self) -> dict[str, str]:
        """The database's rows for these settings."""
        return {name: str(value) for name, value in self._asdict().items()}

    def with_changes(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with those that are given; raises InvalidInput."""
        given = {name: value for name, value in changes.items() if value is not None}
        named = given.pop(profiles.OPTION, None)
        changed = self._replace(**given)
        for name in ("haproxy_conf", "haproxy_certs"):
            if getattr(changed, name):
                safe_folder(getattr(changed, name), name)
        whole_number(changed.pool_count, "pool_count", 1, MAX_POOLS)
        whole_number(changed.pool_slots, "pool_slots", 1, MAX_SLOTS)
        if named is None:
            return changed
        return changed._replace(pool_profiles=profiles.written(named, changed.pool_count))
