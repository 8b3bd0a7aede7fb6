# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables of installations that were there before the inventory."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from ..problems import ConfigurationProblem

BASE_DIR = "/opt/haproxy"
# Variable, and the file below the base folder that it has always named.
_PLACES = {
    "HAPROXY_MAP_FILE": "conf/domains.map",
    "HAPROXY_DB_FILE": "conf/haproxy_mcp.db",
    "HAPROXY_REMOTE_DB_FILE": "conf/haproxy_mcp.db",
}
_ENDED = {
    "HAPROXY_SERVERS_FILE": "The database on the host holds the servers.",
    "HAPROXY_CERTS_FILE": "The database on the host holds the certificates.",
}
_LOCAL = ("HAPROXY_HOST", "HAPROXY_PORT", "HAPROXY_POOL_COUNT", "HAPROXY_MAX_SLOTS")
_KNOWN = (*_LOCAL, "HAPROXY_CONTAINER", *_PLACES)


class Installation(NamedTuple):
    """One HAProxy on this machine, as the environment describes it.

    :param settings: options for the module haproxy_instance, where any are given
    """

    base_dir: str = BASE_DIR
    runtime_api: str = ""
    settings: Mapping[str, int | str] = {}

    def inventory(self, python: str) -> dict[str, object]:
        """The inventory that has this machine alone."""
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": python,
            "haproxy_base_dir": self.base_dir,
            **({"haproxy_runtime_api": self.runtime_api} if self.runtime_api else {}),
        }
        return {"all": {"hosts": {"localhost": variables}}}


def installation(environment: Mapping[str, str]) -> Installation:
    """What the variables say; raises ConfigurationProblem for what means nothing any more."""
    given = {name: value for name, value in environment.items() if value}
    for name, why in _ENDED.items():
        if name in given:
            raise ConfigurationProblem(
                f"{name} is not used any more. {why} Unset it; the module"
                " inouter.haproxy.haproxy_state imports such a file once."
            )
    return Installation(_base_dir(given), _runtime_api(given), _settings(given))


def refuse_local(environment: Mapping[str, str]) -> None:
    """Raise ConfigurationProblem where variables of one local HAProxy meet an inventory."""
    given = [name for name in _KNOWN if environment.get(name)]
    if given:
        raise ConfigurationProblem(
            f"{', '.join(given)} describe one HAProxy on this machine, but an inventory is given as"
            " well. Unset them and use the inventory's variables haproxy_base_dir and"
            " haproxy_runtime_api; the role inouter.haproxy.haproxy sets pools and slots."
        )


def _base_dir(given: Mapping[str, str]) -> str:
    """The folder that all of the file variables agree on."""
    found: dict[str, str] = {}
    for name, below in _PLACES.items():
        if name not in given:
            continue
        path = PurePosixPath(given[name])
        if not path.is_absolute() or path.parts[-2:] != PurePosixPath(below).parts:
            raise ConfigurationProblem(
                f"{name}: {given[name]!r} cannot be used. The file is always {below} below one base"
                f" folder, such as {BASE_DIR}/{below}, on the HAProxy host itself; there is no"
                " working copy of the database elsewhere."
            )
        found[name] = str(path.parents[1])
    if len(set(found.values())) > 1:
        shown = ", ".join(f"{name}: {folder}" for name, folder in found.items())
        raise ConfigurationProblem(f"These files belong below one base folder: {shown}.")
    return next(iter(found.values()), BASE_DIR)


def _runtime_api(given: Mapping[str, str]) -> str:
    host = given.get("HAPROXY_HOST", "localhost")
    if not _is_here(host):
        raise ConfigurationProblem(
            f"HAPROXY_HOST: {host!r} is another machine. The database and the files are on the"
            " HAProxy host now, so give an inventory that has that host (--inventory, or"
            " MCP_INVENTORY) and unset HAPROXY_HOST."
        )
    if not {"HAPROXY_HOST", "HAPROXY_PORT"} & set(given):
        return ""
    return f"{host}:{_number(given, 'HAPROXY_PORT', 9999)}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _settings(given: Mapping[str, str]) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    if "HAPROXY_POOL_COUNT" in given:
        found["pool_count"] = _number(given, "HAPROXY_POOL_COUNT", 100)
    if "HAPROXY_MAX_SLOTS" in given:
        found["pool_slots"] = _number(given, "HAPROXY_MAX_SLOTS", 10)
    if "HAPROXY_CONTAINER" in given:
        found["haproxy_container"] = given["HAPROXY_CONTAINER"]
    return found


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ConfigurationProblem(f"{name}: {value!r} is not a whole number from 1.")
    return int(value)
