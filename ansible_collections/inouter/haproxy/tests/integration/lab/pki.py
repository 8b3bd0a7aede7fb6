# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of the tests' own."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Kind = Literal["ecdsa", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Pem(NamedTuple):
    """A certificate with its chain, and a key, as PEM texts."""

    chain: str
    key: str

    @property
    def combined(self) -> str:
        """What HAProxy reads as one file."""
        return self.chain + self.key

    @property
    def certificate(self) -> x509.Certificate:
        """The leaf, parsed."""
        return x509.load_pem_x509_certificate(self.chain.encode())

    @property
    def fingerprint(self) -> str:
        """The leaf's SHA-256 fingerprint: 64 small hexadecimal digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def with_key_of(self, other: Pem) -> Pem:
        """The same certificate with another one's key, which does not belong to it."""
        return Pem(self.chain, other.key)

    def write(self, path: Path) -> Path:
        """Write the combined file, for its owner alone."""
        path.touch(mode=0o600)
        path.write_text(self.combined)
        return path


class Authority:
    """A root and one intermediate, as public authorities have them."""

    def __init__(self, name: str = "inouter.haproxy test") -> None:
        self._root_key, self._key = new_key("ecdsa"), new_key("ecdsa")
        root_name, self._name = _name(f"{name} root"), _name(f"{name} intermediate")
        self._root = _ca(root_name, root_name, self._root_key, self._root_key)
        self._intermediate = _ca(self._name, root_name, self._key, self._root_key)

    @property
    def root(self) -> str:
        """The root certificate, which clients trust."""
        return _pem(self._root)

    def write_root(self, path: Path) -> Path:
        """Write the root certificate to a file, for a client's `cafile`."""
        path.write_text(self.root)
        return path

    def issue(
        self,
        *names: str,
        key: Kind = "ecdsa",
        days: float = 90,
        not_before_days: float = 0,
        intermediate: bool = True,
    ) -> Pem:
        """Issue for names, wildcards or addresses, valid for `days` from `not_before_days` on.

        `not_before_days=-100, days=90` is expired; `not_before_days=1` is not valid yet.
        """
        private = new_key(key)
        begins = datetime.now(UTC) + timedelta(days=not_before_days, minutes=-1)
        builder = _builder(_name(names[0]), self._name, private, begins, days)
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(alternatives, critical=False)
        leaf = builder.add_extension(usage, critical=False).sign(self._key, hashes.SHA256())
        return Pem(
            _pem(leaf) + (_pem(self._intermediate) if intermediate else ""), key_pem(private)
        )


def new_key(kind: Kind) -> PrivateKey:
    """Make a private key; ECDSA is fast."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: PrivateKey) -> str:
    """Return a private key as PEM text."""
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate as a server sent it."""
    return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex()


def leaf(path: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def dns_names(certificate: x509.Certificate) -> set[str]:
    """Return the names that a certificate is for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(found.value.get_values_for_type(x509.DNSName))


def _name(common: str) -> x509.Name:
    # 64 characters are the most that a common name may have.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, begins: datetime, days: float
) -> x509.CertificateBuilder:
    """Start a certificate with what every one has."""
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=days))


def _ca(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, signer: PrivateKey
) -> x509.Certificate:
    """Make a certificate that may sign others."""
    begins = datetime.now(UTC) - timedelta(days=3650)
    builder = _builder(subject, issuer, key, begins, 2 * 3650)
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    builder = builder.add_extension(constraints, critical=True)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
