# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sides that are compared: what should be, and what is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .._model.servers import Server
from .._runtime.replies import RuntimeSlot

SlotKey = tuple[int, int]
"""Pool number and slot number."""


class Scope(NamedTuple):
    """Which domains and pools are looked at; None stands for all of them."""

    domains: frozenset[str] | None = None
    pools: frozenset[int] | None = None

    @property
    def everything(self) -> bool:
        """Whether the whole instance is looked at."""
        return self.domains is None

    def __or__(self, other: Scope) -> Scope:
        if self.domains is None or other.domains is None:
            return EVERYTHING
        pools = (self.pools or frozenset()) | (other.pools or frozenset())
        return Scope(self.domains | other.domains, pools)


EVERYTHING = Scope()


def scope_of(domains: Iterable[str] = (), pools: Iterable[int] = ()) -> Scope:
    """The scope of these domains and pools."""
    return Scope(frozenset(domains), frozenset(pools))


class Wanted(NamedTuple):
    """What the truth says, in a scope.

    :param routes: pool name by domain; a domain that should not be routed is absent
    :param slots: each slot of the pools in scope; a free one holds the placeholder
    :param pool_files: content by pool number
    :param all_routes: every route of the instance, read only where a map is written anew
    """

    scope: Scope
    routes: dict[str, str]
    slots: dict[SlotKey, Server]
    pool_files: dict[int, bytes]
    all_routes: Callable[[], Iterable[tuple[str, str]]]


class Runtime(NamedTuple):
    """What the HAProxy process holds, in a scope.

    :param references: for each key of a map its entries, as HAProxy's name of the map and
        what `show map` calls the entry; empty in a narrow scope, where entries are looked up
    """

    version: tuple[int, int]
    routes: dict[str, str]
    slots: dict[SlotKey, RuntimeSlot]
    references: dict[str, list[tuple[str, str]]]


class Observed(NamedTuple):
    """What HAProxy and the files hold, in a scope.

    :param runtime: None where HAProxy does not run
    :param files: raw content by path, None where there is no such file
    """

    runtime: Runtime | None
    files: dict[str, bytes | None]
