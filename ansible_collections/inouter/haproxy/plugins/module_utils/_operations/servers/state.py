# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers to and from a file in the form of `show servers state`."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..._files import atomic
from ..._instance.instance import Instance
from ..._instance.settings import Settings, safe_folder
from ..._model.errors import InvalidInput
from ..._model.servers import FREE, MAX_WEIGHT, Pool, server_ip, slot_name, whole_number
from ..._reconcile.picture import Scope, scope_of
from ..._runtime import commands, replies
from ..._store.store import Store

HEADER = "# be_id be_name "
CUT_SHORT = (IndexError, KeyError, ValueError)
ALLOWED = "Name one that state=saved has written; to save, it may also be a new one"


def save(instance: Instance, state_file: str, check_mode: bool = False) -> dict[str, Any]:
    """Write what HAProxy says of its servers into the file.

    A file that says the same of address, weight and state stays. Raises NotRunning, or InvalidInput
    for a file that holds something else.
    """
    path = safe_folder(state_file, "state_file")
    held = atomic.read(path)
    before = _replaceable(state_file, held or b"")
    (reply,) = instance.api.ask([commands.show_servers_state(0)])
    changed = held is None or before != servers_of(reply)
    diff = {"before": _lines(before), "after": _lines(servers_of(reply))}
    if changed and not check_mode:
        instance.review({"diff": diff})
        with instance.lock("haproxy_server_state"):
            atomic.replace(path, f"{reply}\n".encode())
    count = len(diff["after"].splitlines())
    return {"changed": changed, "state_file": path, "server_count": count, "diff": diff}


class RestoreServers(NamedTuple):
    """Asks that pools with a domain have the servers that the file names.

    Pools that were free when the file was written stay as they are: a domain that has one of
    them today would lose its servers.
    """

    state_file: str

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Put the servers in; raises InvalidInput for a file that cannot be used."""
        content = atomic.read(safe_folder(self.state_file, "state_file"))
        if content is None:
            raise InvalidInput("state_file", self.state_file, "does not exist", ALLOWED)
        used = {row.pool for row in store.domains()}
        saved = _saved(self.state_file, content)
        pools = {pool: servers for pool, servers in saved.items() if pool in used}
        for pool, servers in pools.items():
            store.put_servers(pool, _checked(servers, settings.pool_slots))
        return scope_of(pools=pools)

    def describe(self, store: Store) -> dict[str, Any]:
        """The file, and how many servers there are now."""
        count = sum(len(servers) for servers in store.pools().values())
        return {"state_file": self.state_file, "server_count": count}


def _saved(state_file: str, content: bytes) -> dict[int, Pool]:
    """The pools that a file holds; raises InvalidInput where it is not whole."""
    try:
        return servers_of(_text(state_file, content))
    except CUT_SHORT as error:
        problem = f"has a line that is not whole ({error})"
        raise InvalidInput("state_file", state_file, problem, ALLOWED) from error


def _replaceable(state_file: str, content: bytes) -> dict[int, Pool]:
    """The pools of a file that may be written over: whole, cut short, or empty."""
    if not content:
        return {}
    try:
        return servers_of(_text(state_file, content))
    except CUT_SHORT:
        return {}


def _text(state_file: str, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if HEADER not in text:
        raise InvalidInput("state_file", state_file, "holds no servers' state", ALLOWED)
    return text


def servers_of(text: str) -> dict[int, Pool]:
    """The pools that hold a server, as the text of `show servers state` has them."""
    found: dict[int, Pool] = {}
    # What was saved by hand ends with the empty line that ends every reply.
    lines = "\n".join(line for line in text.splitlines() if line)
    for (pool, slot), held in replies.slots(lines).items():
        if held.server != FREE:
            found.setdefault(pool, {})[slot] = held.server
    return found


def _lines(pools: dict[int, Pool]) -> str:
    rows = ((slot_name(pool, slot), pools[pool][slot]) for pool in pools for slot in pools[pool])
    return "".join(f"{name}: {s.address} weight {s.weight} {s.state}\n" for name, s in rows)


def _checked(servers: Pool, slots: int) -> Pool:
    for slot, server in servers.items():
        whole_number(slot, "state_file: slot", 1, slots)
        server_ip(server.ip, "state_file: srv_addr")
        whole_number(server.http_port, "state_file: srv_port", 1, 65535)
        whole_number(server.weight, "state_file: srv_uweight", 0, MAX_WEIGHT)
    return servers
