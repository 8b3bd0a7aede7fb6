# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts: the ways through the tools that people ask for most."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

Domain = Annotated[str, Field(description="The domain, such as example.com.")]


def add(mcp: MCPServer[None]) -> None:
    """Offer the prompts."""

    @mcp.prompt("add_domain_with_certificate", title="Add a domain with a certificate")
    def add_domain_with_certificate(
        domain: Domain,
        ip: Annotated[str, Field(description="Address of its first server.")],
        http_port: Annotated[str, Field(description="Port of that server.")] = "80",
    ) -> str:
        """Serve a new domain over HTTP and HTTPS, and check that it works."""
        return (
            f"Serve {domain} from {ip} port {http_port} over HTTP and HTTPS.\n"
            f"1. haproxy_add_domain(domain={domain!r}, ip={ip!r}, http_port={http_port},"
            " dry_run=true): show me the diff.\n"
            "2. After my consent the same call without dry_run, with the plan_id.\n"
            f"3. haproxy_domain_health({domain!r}) until it is healthy; if it stays down, tell me"
            " what the check says and stop.\n"
            f"4. haproxy_issue_cert(domains=[{domain!r}], challenge='http-01'), or 'dns-01' where"
            " the name is a wildcard.\n"
            f"5. haproxy_cert_info({domain!r}): tell me how long it lasts and whether it agrees."
        )

    @mcp.prompt("drain_server", title="Drain a server for maintenance")
    def drain_server(
        domain: Domain,
        server: Annotated[str, Field(description="Slot or name of the server.")],
    ) -> str:
        """Take a server out of work with no lost request, and bring it back."""
        return (
            f"Take server {server} of {domain} out of work for maintenance, with no lost request.\n"
            f"1. haproxy_list_servers({domain!r}): find its slot. If no other server is UP, tell me"
            " that the domain would answer 503, and stop.\n"
            "2. haproxy_set_server_state(state='drain') for that slot.\n"
            "3. haproxy_wait_drain for it, with a timeout of 300 s; if requests are still under"
            " way then, tell me which server and how many, and ask what to do.\n"
            "4. haproxy_set_server_state(state='maint'). Tell me that I can work on it.\n"
            "5. When I say that it is done: haproxy_set_server_state(state='ready'), then"
            f" haproxy_domain_health({domain!r}) until it is healthy."
        )

    @mcp.prompt("investigate_5xx", title="Find out why a domain answers 5xx")
    def investigate_5xx(domain: Domain) -> str:
        """Find the cause of errors, from the frontend to the servers, and change nothing."""
        return (
            f"Clients of {domain} get answers 5xx. Find out why. Change nothing.\n"
            "1. haproxy_health: is HAProxy itself well, and for how long does it run?\n"
            f"2. haproxy_domain_health({domain!r}): down or no_servers explains 503.\n"
            f"3. haproxy_backends(domain={domain!r}): hrsp_5xx beside eresp and econ. econ counts"
            " failed connections, eresp broken answers; without them the servers themselves answer"
            " 5xx.\n"
            f"4. haproxy_get_server_health(domain={domain!r}): last_chk of each server.\n"
            f"5. haproxy_get_connections(domain={domain!r}): a queue means too few servers.\n"
            "6. haproxy_history: what was changed lately, and by whom?\n"
            "Then tell me the cause, how sure you are, and what you would do."
        )
