# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate: what is known of it, and where its file is. No library is needed for this."""

from __future__ import annotations

from typing import NamedTuple

STAGED = ".staged"
KEY_TYPES = ("ecdsa", "rsa")
CertificateKey = tuple[str, str]
"""Name and key type: a name may have one certificate of each."""


class Certificate(NamedTuple):
    """One row of the table `certificates`.

    :param name: the name it is stored under, which is a domain
    :param key_type: `ecdsa` or `rsa`
    :param domains: the names that it is for, separated by spaces, sorted
    :param fingerprint: SHA-256 of the certificate itself, hexadecimal
    :param sha1: SHA-1 of the same, by which HAProxy names it
    :param content: SHA-256 of the certificate with its chain and its key
    :param not_before: ISO 8601, UTC, as is `not_after`
    """

    name: str
    key_type: str
    domains: str
    fingerprint: str
    sha1: str
    content: str
    issuer: str
    serial: str
    not_before: str
    not_after: str

    @property
    def key(self) -> CertificateKey:
        """What tells it from others."""
        return self.name, self.key_type


def file_name(key: CertificateKey) -> str:
    """The certificate's file below `certs/`; a wildcard's star becomes an underscore."""
    name, key_type = key
    return f"{name.replace('*', '_')}.{key_type}.pem"


def staged_name(name: str) -> str:
    """Where the new content of a certificate's file waits until HAProxy has it."""
    return f"{STAGED}/{name}"


def covers(certificate: Certificate, domain: str) -> bool:
    """Whether a client that asks for this domain would accept the certificate."""
    wildcard = f"*.{domain.partition('.')[2]}"
    names = certificate.domains.split()
    return domain in names or wildcard in names
