# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, groups and variables of the Ansible inventory, which `ansible-inventory` itself reads."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ..problems import ConfigurationProblem, UnknownTarget

PREFERRED_GROUP = "haproxy"
# A plugin or a script may say something new at any time; a file's own changes are seen at once.
REFRESH_SECONDS = 300.0
LOOK_SECONDS = 1.0
USED = ("ansible_", "haproxy_base_dir", "haproxy_runtime_api")
"""How the names of variables begin that the server itself takes."""
# What `ansible-inventory` makes of the tags !vault and !unsafe.
ENCRYPTED, UNSAFE = "__ansible_vault", "__ansible_unsafe"
OPEN_VAULT = Path(__file__).with_name("open_vault.py")


class Host(NamedTuple):
    """One host of the inventory with its variables."""

    name: str
    variables: Mapping[str, Any]


class Target(NamedTuple):
    """The hosts that a name stands for."""

    name: str
    hosts: list[Host]


class Inventory:
    """What `ansible-inventory --list` says, read once and again where its source has changed.

    :param source: the inventory's file or folder, or the inventory itself
    :param target: the host or group that is meant where none is named
    """

    def __init__(
        self,
        source: Path | dict[str, Any],
        target: str = "",
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.source = source
        self.target = target
        self._environment = environment
        self._groups: dict[str, list[str]] = {}
        self._hosts: dict[str, Host] = {}
        self._seen: tuple[Any, ...] | None = None
        self._read_at = self._looked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def hosts(self, target: str = "") -> list[Host]:
        """The hosts of a host's or group's name; raises UnknownTarget."""
        return (await self.found(target)).hosts

    async def found(self, target: str = "") -> Target:
        """The same with the name itself, which the configuration may have chosen."""
        await self._refresh()
        name = target or self._default()
        if name in self._hosts:
            return Target(name, [self._hosts[name]])
        if name in self._groups:
            return Target(name, [self._hosts[host] for host in self._groups[name]])
        raise UnknownTarget(f"target: {name!r} is not in the inventory. {self._known()}")

    async def usual_hosts(self) -> list[Host]:
        """The hosts that are meant where none is named, or every host where that is not clear."""
        try:
            return await self.hosts()
        except UnknownTarget:
            if self.target:
                raise
            return list(self._hosts.values())

    def _default(self) -> str:
        if self.target:
            return self.target
        if len(self._hosts) == 1:
            return next(iter(self._hosts))
        if self._groups.get(PREFERRED_GROUP):
            return PREFERRED_GROUP
        raise UnknownTarget(f"target: name the host or group that is meant. {self._known()}")

    def _known(self) -> str:
        groups = ", ".join(sorted(name for name, hosts in self._groups.items() if hosts)) or "none"
        shown = sorted(self._hosts)
        more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
        return f"Hosts: {', '.join(shown[:20]) or 'none'}{more}. Groups: {groups}."

    async def _refresh(self) -> None:
        async with self._lock:
            now = time.monotonic()
            if now - self._looked_at < LOOK_SECONDS:
                return
            seen = tuple(_fingerprint(self.source))
            if seen != self._seen or now - self._read_at > REFRESH_SECONDS:
                self._take(await self._listed())
                self._seen, self._read_at = seen, time.monotonic()
            self._looked_at = now

    async def _listed(self) -> dict[str, Any]:
        if isinstance(self.source, dict):
            return _as_listed(self.source)
        program = Path(sys.executable).with_name("ansible-inventory")
        found: dict[str, Any] = json.loads(await self._output(program, "-i", self.source, "--list"))
        await self._decrypt(found["_meta"]["hostvars"])
        return found

    async def _output(self, *command: str | Path, given: bytes = b"") -> bytes:
        pipe = asyncio.subprocess.PIPE
        environment = {**self._environment, "LC_ALL": "C.UTF-8"}
        child = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
        out, err = await child.communicate(given)
        if child.returncode != 0:
            words = err.decode("utf-8", "replace").strip()
            raise ConfigurationProblem(f"The inventory {self.source} cannot be read: {words}")
        return out

    async def _decrypt(self, hosts: Mapping[str, dict[str, Any]]) -> None:
        """Put in what variables say that are encrypted one by one; `ansible-inventory` does not."""
        places = [
            (variables, name, value[ENCRYPTED])
            for variables in hosts.values()
            for name, value in variables.items()
            if name.startswith(USED) and isinstance(value, dict) and ENCRYPTED in value
        ]
        if not places:
            return
        texts = sorted({text for _variables, _name, text in places})
        given = json.dumps(texts).encode()
        said = json.loads(await self._output(sys.executable, "-P", OPEN_VAULT, given=given))
        for variables, name, text in places:
            plain = said[texts.index(text)]
            variables[name] = variables[name] if plain is None else plain

    def _take(self, listed: dict[str, Any]) -> None:
        variables = listed.get("_meta", {}).get("hostvars", {})
        groups = {name: group for name, group in listed.items() if name != "_meta"}
        self._groups = {name: sorted(set(_members(groups, name))) for name in groups}
        names = sorted({host for hosts in self._groups.values() for host in hosts})
        self._hosts = {name: Host(name, variables.get(name, {})) for name in names}


def _members(groups: Mapping[str, Any], name: str) -> Iterator[str]:
    group = groups.get(name, {})
    yield from group.get("hosts", [])
    for child in group.get("children", []):
        yield from _members(groups, child)


def _as_listed(inventory: dict[str, Any]) -> dict[str, Any]:
    hosts = inventory["all"]["hosts"]
    return {"_meta": {"hostvars": hosts}, "all": {"hosts": list(hosts)}}


def _fingerprint(source: Path | dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Name, time and size of each file that Ansible would read."""
    if isinstance(source, dict):
        return
    folder = source if source.is_dir() else source.parent
    places = [folder] if source.is_dir() else [folder / "group_vars", folder / "host_vars"]
    tops = [entry for place in places for entry in os.walk(place)]
    files = {Path(top) / name for top, _folders, names in tops for name in names}
    for path in sorted({source, *files}):
        found = path.stat()
        yield str(path), found.st_mtime_ns, found.st_size
