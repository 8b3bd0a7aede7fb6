# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what HAProxy and the files hold, in one connection and no more than the scope."""

from __future__ import annotations

from .._files import atomic, pool_file
from .._model.errors import NotRunning, Unusable
from .._model.names import is_wildcard
from .._runtime import commands, replies
from .._runtime.api import RuntimeApi
from .._runtime.version import require_supported
from .picture import Observed, Runtime, Scope


class Places:
    """Where an instance's maps and pool files are, as this host and as HAProxy names them."""

    def __init__(
        self, conf: str, haproxy_conf: str, certs: str = "", haproxy_certs: str = ""
    ) -> None:
        self.exact = f"{conf}/domains.map"
        self.wildcard = f"{conf}/wildcards.map"
        self.config = f"{conf}/haproxy.cfg"
        self.pools = f"{conf}/pools"
        self.crt_list = f"{conf}/certs.crtlist"
        self.acme_map = f"{conf}/acme.map"
        self.certs = certs
        self.haproxy_certs = haproxy_certs or certs
        self._haproxy_conf = haproxy_conf
        self._runtime_maps = {path: self.runtime_map(path) for path in self.maps}

    @property
    def maps(self) -> tuple[str, str]:
        """Both map files."""
        return self.exact, self.wildcard

    def map_of(self, domain: str) -> str:
        """The map file that holds this domain."""
        return self.wildcard if is_wildcard(domain) else self.exact

    def runtime_map(self, path: str) -> str:
        """HAProxy's own name for a map file."""
        return f"{self._haproxy_conf}/{path.rpartition('/')[2]}"

    def runtime_map_of(self, domain: str) -> str:
        """HAProxy's own name for the map that holds this domain."""
        return self._runtime_maps[self.map_of(domain)]

    def entry(self, key: str) -> tuple[str, str]:
        """HAProxy's name of the map, and the domain, that a key of its routes stands for.

        A domain in the map where it does not belong has the key `domain in map`.
        """
        domain, _in, path = key.partition(" in ")
        return self._runtime_maps[path or self.map_of(domain)], domain

    def pool_file(self, pool: int) -> str:
        """The file of one pool."""
        return f"{self.pools}/{pool_file.file_name(pool)}"


def observe(api: RuntimeApi, places: Places, scope: Scope, pools: frozenset[int]) -> Observed:
    """Read what is, for the scope's domains and for `pools`.

    Raises Unusable where HAProxy runs but cannot be asked, or is too old.
    """
    unknown = pool_file.numbers(places.pools) - pools if scope.everything else frozenset()
    files = _files(places, scope, pools | unknown)
    observed = Observed(_runtime(api, places, scope, pools), files, sorted(unknown))
    if scope.certificates is not None and not scope.certificates:
        return observed
    from . import certificates  # here, for most writes have nothing to do with certificates

    return certificates.observe(api, places, scope, observed)


def _files(places: Places, scope: Scope, pools: frozenset[int]) -> dict[str, bytes | None]:
    names = scope.domains
    maps = places.maps if names is None else sorted({places.map_of(name) for name in names})
    paths = [*maps, *(places.pool_file(pool) for pool in sorted(pools))]
    return {path: atomic.read(path) for path in paths}


def _runtime(
    api: RuntimeApi, places: Places, scope: Scope, pools: frozenset[int]
) -> Runtime | None:
    try:
        if scope.domains is not None and not scope.large:
            return _small_runtime(api, places, sorted(scope.domains), sorted(pools))
        from . import large_scope  # here, for most writes look at a few domains

        return large_scope.observe(api, places, scope)
    except NotRunning:
        return None


def _small_runtime(
    api: RuntimeApi, places: Places, domains: list[str], pools: list[int]
) -> Runtime:
    asked = [commands.show_version()]
    asked += [commands.get_map(places.runtime_map_of(name), name) for name in domains]
    asked += [commands.show_servers_state(pool) for pool in pools]
    version, *answers = api.ask(asked)
    runtime = Runtime(require_supported(version), {}, {}, {})
    for name, reply in zip(domains, answers):
        check_map(reply, places.runtime_map_of(name))
        pool = replies.found_value(reply)
        if pool is not None:
            runtime.routes[name] = pool
    for reply in answers[len(domains) :]:
        runtime.slots.update(replies.slots(reply))
    return runtime


def check_map(reply: str, path: str) -> None:
    """Raise Unusable where the reply says that HAProxy has no such map."""
    if reply.startswith("Unknown map"):
        raise Unusable(
            f"The running HAProxy has no map {path}: {reply.strip()} Its configuration must use"
            " this very path; the role inouter.haproxy.haproxy renders it so."
        )
