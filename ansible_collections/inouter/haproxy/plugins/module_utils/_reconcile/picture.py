# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sides that are compared: what should be, and what is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .._model.certificate import CertificateKey
from .._model.servers import Server
from .._runtime.replies import RuntimeSlot

SlotKey = tuple[int, int]
"""Pool number and slot number."""

MANY = 100
"""Of more domains than this a write reads and replaces whole maps, not entry by entry."""


class Scope(NamedTuple):
    """Which domains, pools and certificates are looked at; None stands for all of them.

    Certificates belong to everything only where the instance serves HTTPS: see `Instance`.
    """

    domains: frozenset[str] | None = None
    pools: frozenset[int] | None = None
    certificates: frozenset[CertificateKey] | None = frozenset()

    @property
    def everything(self) -> bool:
        """Whether the whole instance is looked at."""
        return self.domains is None

    @property
    def large(self) -> bool:
        """Whether so much is looked at that whole maps are read."""
        return self.domains is None or len(self.domains) > MANY

    def __or__(self, other: Scope) -> Scope:
        if self.domains is None or other.domains is None:
            return EVERYTHING
        pools = (self.pools or frozenset()) | (other.pools or frozenset())
        certificates = (self.certificates or frozenset()) | (other.certificates or frozenset())
        return Scope(self.domains | other.domains, pools, certificates)


EVERYTHING = Scope()


def scope_of(
    domains: Iterable[str] = (),
    pools: Iterable[int] = (),
    certificates: Iterable[CertificateKey] = (),
) -> Scope:
    """The scope of these domains, pools and certificates."""
    return Scope(frozenset(domains), frozenset(pools), frozenset(certificates))


class WantedCertificates(NamedTuple):
    """The certificates that should be served, in a scope, by the names of their files.

    :param pems: content of each file; None where no intact content exists any more
    :param sha1s: SHA-1 of each certificate
    :param gone: files in scope that should not be there
    :param thumbprint: of the ACME account, or nothing
    """

    pems: dict[str, bytes | None]
    sha1s: dict[str, str]
    gone: set[str]
    thumbprint: str = ""


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
    certificates: WantedCertificates | None = None


class RuntimeCertificates(NamedTuple):
    """The certificates that the HAProxy process holds, by the names of their files.

    :param sha1s: SHA-1 of each, empty for an empty place; what it lacks is absent
    :param entries: the lines of the crt-list on which each stands
    :param thumbprint: with which http-01 is answered; None where HAProxy has no map for it
    """

    sha1s: dict[str, str]
    entries: dict[str, list[str]]
    thumbprint: str | None = None


class Runtime(NamedTuple):
    """What the HAProxy process holds, in a scope.

    :param references: for each key that `del map` cannot name, or that is there more than once, its
        entries, as HAProxy's name of the map and what `show map` calls the entry; empty in a
        small scope, where entries are looked up
    :param others: by HAProxy's name of the map its entries out of scope; None in a small scope
    """

    version: tuple[int, int]
    routes: dict[str, str]
    slots: dict[SlotKey, RuntimeSlot]
    references: dict[str, list[tuple[str, str]]]
    certificates: RuntimeCertificates | None = None
    others: dict[str, list[tuple[str, str]]] | None = None


class Observed(NamedTuple):
    """What HAProxy and the files hold, in a scope.

    :param runtime: None where HAProxy does not run
    :param files: raw content by path, None where there is no such file
    :param unknown_pools: pools that have a file but were not asked for, where everything is
        looked at
    """

    runtime: Runtime | None
    files: dict[str, bytes | None]
    unknown_pools: Sequence[int] = ()
