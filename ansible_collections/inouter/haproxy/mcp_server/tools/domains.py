# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for domains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .answers import DomainPage
from .arguments import Cursor, DomainName, Ip, Limit, Port
from .catalog import ADDS, REPLACES, Toolset
from .orders import Order, Question

TOOLS = Toolset("domains")


@TOOLS.read("List domains", DomainPage)
def haproxy_list_domains(
    include_wildcards: Annotated[
        bool, Field(description="Whether *.names are listed too.")
    ] = False,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Question:
    """List the domains that HAProxy serves, with their pools and servers, sorted by name. Use it
    to find a domain's exact name before changing it. For the health of one domain use
    haproxy_domain_health."""
    wanted = {"include_wildcards": include_wildcards, "after": cursor, "limit": limit}
    return Question("domains", wanted)


@TOOLS.write("Add a domain", ADDS)
def haproxy_add_domain(
    domain: DomainName,
    ip: Ip | None = None,
    http_port: Port = 80,
    share_with: Annotated[
        DomainName | None, Field(description="Use the servers of this domain; then give no ip.")
    ] = None,
) -> Order:
    """Serve a new domain from one server (ip, http_port), or from the servers of another domain
    (share_with), with no reload. For an existing domain, ip replaces the server in slot 1, and
    share_with is refused unless it shares them already: haproxy_apply_domains moves it. Returns the
    pool and servers, and whether it was persisted, applied and verified. More servers:
    haproxy_add_servers; a certificate: haproxy_issue_cert."""
    port = None if ip is None else http_port
    options = {"domain": domain, "ip": ip, "http_port": port, "share_with": share_with}
    return Order("haproxy_domain", options)


@TOOLS.write("Remove a domain", REPLACES)
def haproxy_remove_domain(domain: DomainName) -> Order:
    """Stop serving a domain, with no reload. The last domain of a pool takes its servers with it;
    one that shares another's pool leaves them. A domain that is not there is no error: changed is
    then false."""
    return Order("haproxy_domain", {"domain": domain, "state": "absent"})
