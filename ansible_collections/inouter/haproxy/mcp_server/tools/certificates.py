# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for certificates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .answers import CertificateList, CertificatePage
from .arguments import CertificateName, Cursor, DomainName, HostPath, Limit, Pem
from .catalog import ADDS, ORDERS, RENEWS, REPLACES, Toolset
from .orders import ISSUE_SECONDS, Order, Question

TOOLS = Toolset("certificates")

Force = Annotated[bool, Field(strict=True)]


@TOOLS.read("List certificates", CertificatePage)
def haproxy_list_certs(
    expiring_within: Annotated[
        int | None, Field(ge=0, le=36500, description="Only those with fewer days left.")
    ] = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Question:
    """List the certificates with their domains, days left, and whether disk and HAProxy have what
    the database says."""
    wanted = {"expiring_within": expiring_within, "after": cursor, "limit": limit}
    return Question("certificates", wanted)


@TOOLS.read("Details of a certificate", CertificateList)
def haproxy_cert_info(
    name: Annotated[str, Field(max_length=255, description="Its name, or a domain it is for.")],
) -> Question:
    """Show the certificates of a name, or of a domain that they are for: expiry, issuer, serial,
    fingerprint, names, and where they are. None is an empty list."""
    return Question("certificate", {"name": name})


@TOOLS.write("Order a certificate", ORDERS)
def haproxy_issue_cert(
    domains: Annotated[
        list[DomainName],
        Field(min_length=1, max_length=100, description="Domains; the first one names it."),
    ],
    challenge: Annotated[
        Literal["dns-01", "http-01"], Field(description="Wildcards need dns-01.")
    ] = "dns-01",
    key_type: Annotated[Literal["ecdsa", "rsa"], Field(description="The kind of key.")] = "ecdsa",
) -> Order:
    """Order a certificate from the CA with acme.sh and serve it, with no reload; it takes up to a
    few minutes. One that is there for these domains and not due stays. Returns the certificate and
    what a handshake was served."""
    options = {"domains": domains, "challenge": challenge, "key_type": key_type}
    return Order("haproxy_cert", {"state": "issued", **options}, seconds=ISSUE_SECONDS)


@TOOLS.write("Renew a certificate", RENEWS)
def haproxy_renew_cert(
    name: CertificateName,
    force: Annotated[Force, Field(description="Renew it even where it is not due.")] = False,
) -> Order:
    """Renew one certificate that haproxy_issue_cert has ordered, where it is due, and serve the new
    one with no lost connection."""
    options = {"state": "renewed", "name": name, "force": force}
    return Order("haproxy_cert", options, seconds=ISSUE_SECONDS)


@TOOLS.write("Renew all certificates that are due", RENEWS)
def haproxy_renew_all_certs(
    force: Annotated[Force, Field(description="Renew even those that are not due.")] = False,
) -> Order:
    """Renew every ordered certificate that is due. All are tried; an error names those that
    failed in the CA's own words."""
    options = {"state": "renewed", "force": force}
    return Order("haproxy_cert", options, seconds=ISSUE_SECONDS)


@TOOLS.write("Delete a certificate", REPLACES)
def haproxy_delete_cert(
    name: CertificateName,
    force: Annotated[
        Force, Field(description="Even where a served domain has no other certificate.")
    ] = False,
) -> Order:
    """Stop serving a certificate, delete its files and let acme.sh forget it. It is refused where a
    domain that is served has no other one. A name with no certificate is no error: changed is then
    false."""
    return Order("haproxy_cert", {"state": "absent", "name": name, "force": force})


@TOOLS.write("Load a certificate", ADDS)
def haproxy_load_cert(
    content: Annotated[
        Pem | None, Field(description="Certificate, chain and key as PEM text, in any order.")
    ] = None,
    key_content: Annotated[Pem | None, Field(description="The key, where it is apart.")] = None,
    src: Annotated[
        HostPath | None, Field(description="A PEM file on the HAProxy host, instead of content.")
    ] = None,
    key_src: Annotated[
        HostPath | None, Field(description="A key file on the host, where it is apart.")
    ] = None,
    name: CertificateName | None = None,
) -> Order:
    """Serve a certificate that you have, or a newer one in its place, with no reload. Give content,
    or src for a file on the host. It is checked first: key, chain, dates. Keys are never returned
    or written down anywhere but in the certificate's own file."""
    options = {"content": content, "key_content": key_content, "src": src, "key_src": key_src}
    return Order("haproxy_cert", {"state": "present", "name": name, **options}, secret=True)
