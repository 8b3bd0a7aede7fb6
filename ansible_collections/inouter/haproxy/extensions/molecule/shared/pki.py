# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an authority and one certificate:  pki.py FOLDER DOMAIN...  -> ca.pem, site.pem"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PEM = serialization.Encoding.PEM
CN = x509.NameOID.COMMON_NAME


def main(folder: Path, domains: list[str]) -> None:
    """Write both, the certificate with its key."""
    authority, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = x509.Name([x509.NameAttribute(CN, "Lab")])
    root = _builder(issuer, issuer, authority).add_extension(
        x509.BasicConstraints(True, None), True
    )
    names = x509.SubjectAlternativeName([x509.DNSName(domain) for domain in domains])
    subject = x509.Name([x509.NameAttribute(CN, domains[0])])
    leaf = _builder(subject, issuer, key).add_extension(names, False)
    (folder / "ca.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(PEM))
    private = key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "site.pem").write_bytes(
        leaf.sign(authority, hashes.SHA256()).public_bytes(PEM) + private
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=90))
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
