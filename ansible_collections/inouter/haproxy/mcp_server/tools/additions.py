# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools that add must not take the place of.

A served domain is never given the servers of another. Where the server offers no tool that removes
or replaces, no server and no certificate is replaced by one that is added either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.inventory import Host
from ..problems import ReadFailed
from .calls import Call
from .orders import Order, Question

ONLY_ADDS = "This server only adds (--disable-destructive). Nothing was changed."


async def replaced(call: Call, host: Host, order: Order) -> str:
    """Why the order would replace something on this host, or nothing; raises HostProblem."""
    given, strict = order.given(), call.site.options.disable_destructive
    if order.module == "haproxy_domain" and "share_with" in given:
        return await _rerouted(call, host, given)
    if not strict:
        return ""
    if order.module == "haproxy_cert" and given["state"] == "present":
        return await _certificate(call, host, given)
    if order.module in ("haproxy_domain", "haproxy_server"):
        return await _servers(call, host, given)
    return ""


async def _rerouted(call: Call, host: Host, given: Mapping[str, Any]) -> str:
    domain, other = given["domain"], given["share_with"]
    held, wanted = await _held(call, host, domain), await _held(call, host, other)
    if not held or not wanted or held["pool"] == wanted["pool"]:
        return ""
    return (
        f"{domain} is served already, from {held['pool']} with {len(held['servers'])} servers, and"
        f" would get those of {other} instead. haproxy_add_domain only adds. Call"
        " haproxy_apply_domains to move it. Nothing was changed."
    )


async def _servers(call: Call, host: Host, given: Mapping[str, Any]) -> str:
    held = await _held(call, host, given["domain"])
    slots = {server["slot"]: server for server in held["servers"]} if held else {}
    own = {**given, "slot": given.get("slot", 1)}  # A domain's own server is the one in slot 1.
    for wanted in given.get("servers", [own]):
        server = slots.get(wanted.get("slot"))
        if server and "ip" in wanted and _address(server) != _address(wanted):
            return (
                f"slot {server['slot']} of {given['domain']} holds {_address(server)}, and would"
                f" get {_address(wanted)} instead. {ONLY_ADDS}"
            )
    return ""


def _address(server: Mapping[str, Any]) -> str:
    return f"{server['ip']}:{server.get('http_port', 80)}"


async def _certificate(call: Call, host: Host, given: Mapping[str, Any]) -> str:
    if "name" not in given:
        return f"name: say which name the certificate gets. {ONLY_ADDS}"
    answer = await call.ask(host, Question("certificate", {"name": given["name"]}))
    names = [held["name"] for held in answer["certificates"]]
    if given["name"] not in names:
        return ""
    return f"There is a certificate {given['name']}, which would be replaced. {ONLY_ADDS}"


async def _held(call: Call, host: Host, domain: str) -> Mapping[str, Any] | None:
    try:
        return await call.ask(host, Question("servers", {"name": domain}))
    except ReadFailed as error:
        if error.kind == "UnknownDomain":
            return None
        raise
