# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list that haproxy_apply_domains takes, in the shape of the module haproxy_domains."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .arguments import (
    CertificateName,
    DomainName,
    HostPath,
    Ip,
    Pem,
    Port,
    SlotOrFree,
    State,
    Weight,
)

MOST_DOMAINS = 10_000
MOST_SERVERS = 1000
MOST_CERTIFICATES = 20


class Closed(BaseModel):
    """A part of the list; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class ListedServer(Closed):
    """A server of a domain's pool; what is left out stays as it is."""

    slot: SlotOrFree = 0
    ip: Annotated[Ip | None, Field(description="Left out for a slot that holds a server.")] = None
    http_port: Port = 80
    weight: Weight | None = None
    state: State | None = None


class ListedCertificate(Closed):
    """A certificate, as haproxy_load_cert takes it."""

    name: CertificateName | None = None
    content: Annotated[Pem | None, Field(description="Certificate, chain and key as PEM.")] = None
    src: Annotated[HostPath | None, Field(description="The same as a file on the host.")] = None
    key_content: Annotated[Pem | None, Field(description="The key, where it is apart.")] = None
    key_src: Annotated[HostPath | None, Field(description="The key as a file on the host.")] = None
    domains: Annotated[
        list[DomainName], Field(max_length=100, description="Domains that it has to be for.")
    ] = []


class ListedDomain(Closed):
    """A domain: with ip or servers, or share_with; with none of them it keeps its servers."""

    domain: DomainName
    ip: Annotated[Ip | None, Field(description="The one server, in slot 1.")] = None
    http_port: Annotated[Port, Field(description="Port of that server.")] = 80
    servers: Annotated[
        list[ListedServer] | None,
        Field(max_length=MOST_SERVERS, description="Those not in it stay, unless prune."),
    ] = None
    share_with: Annotated[
        DomainName | None, Field(description="Use the servers of this domain.")
    ] = None
    pool: Annotated[
        str | None, Field(max_length=30, description="Free pool to use, such as pool_7.")
    ] = None
    certificates: Annotated[
        list[ListedCertificate] | None,
        Field(max_length=MOST_CERTIFICATES, description="Certificates for the domain."),
    ] = None

    @property
    def secret(self) -> bool:
        """Whether it brings a key."""
        brought = self.certificates or ()
        return any(one.content is not None or one.key_content is not None for one in brought)
