# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for servers."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from pydantic import Field

from ..problems import ReadFailed
from .answers import Drained, ServerList
from .arguments import DomainName, Ip, NewServer, Port, Slot, SlotOrFree, State, Weight
from .calls import Call
from .catalog import ADDS, REPLACES, Toolset
from .orders import Order, Question

TOOLS = Toolset("servers")
LOOK_SECONDS = 0.25
MOST_SERVERS = 10


@TOOLS.read("List the servers of a domain", ServerList)
def haproxy_list_servers(domain: DomainName) -> Question:
    """List the servers of a domain: slot, address, weight, the state that was asked for, what
    HAProxy says (status) and how many requests are under way; and the free slots. Use it before
    adding, draining or removing a server."""
    return Question("servers", {"name": domain})


@TOOLS.write("Add a server", ADDS)
def haproxy_add_server(
    domain: DomainName, ip: Ip, slot: SlotOrFree = 0, http_port: Port = 80
) -> Order:
    """Add one server to a domain, with no reload. With slot 0 a server of this address keeps its
    slot, else the next free one is taken; a slot that holds a server gets the new address. It gets
    requests after its first good check."""
    options = {"domain": domain, "slot": slot, "ip": ip, "http_port": http_port}
    return Order("haproxy_server", options)


@TOOLS.write("Add several servers", ADDS)
def haproxy_add_servers(
    domain: DomainName,
    servers: Annotated[
        list[NewServer],
        Field(min_length=1, max_length=MOST_SERVERS, description="1 to 10 servers, all or none."),
    ],
) -> Order:
    """Add up to 10 servers to a domain in one change: all of them or, where one cannot be used,
    none. The same as haproxy_add_server many times, but faster."""
    listed = [server.model_dump(exclude_none=True) for server in servers]
    return Order("haproxy_server", {"domain": domain, "servers": listed})


@TOOLS.write("Remove a server", REPLACES)
def haproxy_remove_server(domain: DomainName, slot: Slot) -> Order:
    """Take the server in a slot out of a domain, with no reload. Let its requests end first: drain
    it with haproxy_set_server_state, then haproxy_wait_drain. An empty slot is no error: changed is
    then false."""
    return Order("haproxy_server", {"domain": domain, "slot": slot, "state": "absent"})


@TOOLS.write("Set a server's state", REPLACES)
def haproxy_set_server_state(domain: DomainName, slot: Slot, state: State) -> Order:
    """Make one server of a domain ready, drain it, or put it into maintenance. It lasts over
    restarts. After drain use haproxy_wait_drain."""
    return Order("haproxy_server", {"domain": domain, "slot": slot, "state": state})


@TOOLS.write("Set a server's weight", REPLACES)
def haproxy_set_server_weight(domain: DomainName, slot: Slot, weight: Weight) -> Order:
    """Set the share of requests that one server of a domain gets, from 0 (no new ones) to 256."""
    return Order("haproxy_server", {"domain": domain, "slot": slot, "weight": weight})


@TOOLS.write("Set the state of all servers of a domain", REPLACES)
def haproxy_set_domain_state(domain: DomainName, state: State) -> Order:
    """Make all servers of a domain ready, drain them, or put them into maintenance. With drain or
    maint the domain answers 503. Domains that share the pool are concerned too."""
    return Order("haproxy_server", {"domain": domain, "state": state})


@TOOLS.read("Wait until servers are drained", Drained)
async def haproxy_wait_drain(
    call: Call,
    domain: DomainName,
    slot: Annotated[SlotOrFree, Field(description="Slot to wait for, or 0 for all in drain.")] = 0,
    timeout: Annotated[
        int, Field(strict=True, ge=1, le=3600, description="Seconds to wait at most.")
    ] = 30,
) -> Any:
    """Wait until the servers of a domain that are in drain have no request under way, then tell.
    Set drain first with haproxy_set_server_state or haproxy_set_domain_state. drained is false
    where requests were still under way when the time was over."""
    return await call.each_host(lambda host: _wait(call, host, domain, slot, timeout))


async def _wait(call: Call, host: Any, domain: str, slot: int, timeout: int) -> dict[str, Any]:
    began = time.monotonic()
    while True:
        answer = await call.ask(host, Question("servers", {"name": domain}))
        waited = time.monotonic() - began
        busy = _busy(answer, slot)
        if not busy or waited >= timeout:
            return {**answer, "drained": not busy, "waited_sec": round(waited, 2)}
        shown = ", ".join(f"{name}: {count}" for name, count in busy.items())
        await call.progress(f"{host.name}: requests under way ({shown})", waited)
        await asyncio.sleep(LOOK_SECONDS)


def _busy(answer: dict[str, Any], slot: int) -> dict[str, int]:
    """Requests under way on the servers that are meant; a server that is down has none to end."""
    meant = [s for s in answer["servers"] if s["slot"] == slot or (not slot and _leaving(s))]
    if not meant or not all(map(_leaving, meant)):
        what = f"The server in slot {slot}" if slot else "No server"
        raise ReadFailed(
            "NotDraining",
            f"{what} of {answer['domain']} is {'not ' if slot else ''}in drain. Call"
            " haproxy_set_server_state with state=drain first; haproxy_list_servers shows slots.",
        )
    running = (s for s in meant if not str(s["status"]).startswith("DOWN"))
    return {s["name"]: s["connections"] for s in running if s["connections"]}


def _leaving(server: dict[str, Any]) -> bool:
    return server["state"] in ("drain", "maint")
