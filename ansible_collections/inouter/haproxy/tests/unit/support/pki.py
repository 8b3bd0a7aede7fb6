# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority for unit tests. Tests that import it are skipped without cryptography."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest

x509 = pytest.importorskip("cryptography.x509")
hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
NameOID = pytest.importorskip("cryptography.x509.oid").NameOID

Key = Any
PKCS8, TRADITIONAL = "PKCS8", "TraditionalOpenSSL"


class Pem(NamedTuple):
    """A certificate, what it was issued by, and its key; `certificate` is the leaf, parsed."""

    leaf: str
    above: str
    key: str
    certificate: Any

    @property
    def combined(self) -> str:
        """What HAProxy reads as one file."""
        return self.leaf + self.above + self.key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the leaf."""
        found: str = self.certificate.fingerprint(hashes.SHA256()).hex()
        return found

    @property
    def secret(self) -> str:
        """A line of the key that nobody may be told."""
        return self.key.splitlines()[1]


class Authority:
    """A root with one intermediate below it."""

    def __init__(self) -> None:
        self._key = new_key("ecdsa")
        root_key = new_key("ecdsa")
        root = _builder("unit root", "unit root", root_key, 900).sign(root_key, hashes.SHA256())
        above = _builder("unit below", "unit root", self._key, 900).sign(root_key, hashes.SHA256())
        self.root, self.intermediate = _pem(root), _pem(above)

    def issue(
        self, *names: str, key: str = "ecdsa", days: float = 90, begin: float = -1, common: str = ""
    ) -> Pem:
        """Issue for these DNS names, from `begin` days from now on; without any, for `common`."""
        private = new_key(key)
        builder = _builder(common or names[0], "unit below", private, days, begin)
        if names:
            found = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(found, critical=False)
        leaf = builder.sign(self._key, hashes.SHA256())
        return Pem(_pem(leaf), self.intermediate, key_pem(private), leaf)

    def issue_with(self, extension: Any) -> Pem:
        """Issue with this extension and no name but `a.test`."""
        private = new_key("ecdsa")
        builder = _builder("a.test", "unit below", private, 90)
        leaf = builder.add_extension(extension, critical=False).sign(self._key, hashes.SHA256())
        return Pem(_pem(leaf), self.intermediate, key_pem(private), leaf)


@functools.lru_cache(None)
def authority() -> Authority:
    """The authority that all tests share."""
    return Authority()


@functools.lru_cache(None)
def issued(*names: str, key: str = "ecdsa", serial: int = 0) -> Pem:
    """A certificate for these names, the same for the same arguments."""
    return authority().issue(*names, key=key)


def new_key(kind: str) -> Key:
    """A private key: `ecdsa`, `rsa` or `ed25519`."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key, form: str = PKCS8, password: str = "") -> str:
    """The key as PEM text, encrypted where there is a password."""
    hidden = serialization.NoEncryption()
    if password:
        hidden = serialization.BestAvailableEncryption(password.encode())
    chosen = getattr(serialization.PrivateFormat, form)
    text: str = key.private_bytes(serialization.Encoding.PEM, chosen, hidden).decode()
    return text


def parsed_key(pem: Pem) -> Key:
    """The key of a certificate."""
    return serialization.load_pem_private_key(pem.key.encode(), None)


def _builder(subject: str, issuer: str, key: Key, days: float, begin: float = -1) -> Any:
    begins = datetime.now(timezone.utc) + timedelta(days=begin)
    builder = x509.CertificateBuilder(subject_name=_name(subject), issuer_name=_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=days))


def _name(common: str) -> Any:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: Any) -> str:
    text: str = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return text
