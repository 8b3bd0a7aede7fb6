# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into certificates and keys, with the library `cryptography`. Only writes need this."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from .certificate import Certificate, covers
from .digest import digests
from .errors import HaproxyError
from .names import domain_name
from .pem import CERTIFICATE, Block, bad_pem, blocks, render

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import ExtensionOID, NameOID
except ImportError:
    IMPORT_ERROR: str | None = traceback.format_exc()
else:
    IMPORT_ERROR = None


def examine(
    text: str,
    option: str,
    name: str | None = None,
    domains: Sequence[str] = (),
    force: bool = False,
) -> tuple[Certificate, bytes]:
    """The certificate in a PEM text, and the text as HAProxy takes it.

    Raises InvalidInput, saying which block is wrong and why: nothing to parse, no or several
    keys, a key of another certificate, expired (unless `force`), or not for `domains`.
    """
    found = blocks(text, option)
    key = _key_block(found, option)
    private = _private_key(key, option)
    parsed = [(block, _parsed(block, option)) for block in found if block.kind == CERTIFICATE]
    chain = _ordered(parsed, private, key, option)
    leaf = chain[0][1]
    digest = digests([block.der for block, _c in chain], key.der)
    certificate = _described(leaf, digest, private, name, option)
    _check_time(leaf, chain[0][0], option, force)
    _check_names(certificate, domains, option)
    return certificate, render([*(block for block, _c in chain), key])


def _key_block(found: Sequence[Block], option: str) -> Block:
    keys = [block for block in found if block.is_key]
    if not any(block.kind == CERTIFICATE for block in found):
        raise bad_pem(option, "it has no CERTIFICATE block")
    if not keys:
        raise bad_pem(option, "it has no private key")
    if len(keys) > 1:
        raise bad_pem(option, f"it has {len(keys)} private keys", "One certificate has one key")
    if keys[0].is_encrypted:
        raise bad_pem(option, f"{keys[0].label} is encrypted", "Decrypt the key first")
    return keys[0]


def _private_key(block: Block, option: str) -> Any:
    try:
        return serialization.load_pem_private_key(render([block]), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise bad_pem(option, f"{block.label} is not a key: {error}") from None


def _parsed(block: Block, option: str) -> Any:
    try:
        return x509.load_der_x509_certificate(block.der)
    except ValueError as error:
        raise bad_pem(option, f"{block.label} is not a certificate: {error}") from None


def _ordered(
    parsed: Sequence[tuple[Block, Any]], private: Any, key: Block, option: str
) -> list[tuple[Block, Any]]:
    """The key's own certificate first, then each issuer, then whatever is left."""
    public = _public_bytes(private.public_key())
    leaf = next((p for p in parsed if _public_bytes(p[1].public_key()) == public), None)
    if leaf is None:
        subject = parsed[0][1].subject.rfc4514_string()
        problem = f"{key.label} is not the key of any certificate in it, such as {subject}"
        raise bad_pem(option, problem)
    chain, rest = [leaf], [p for p in parsed if p is not leaf]
    while True:
        issuer = chain[-1][1].issuer
        above = next((p for p in rest if p[1].subject == issuer), None)
        if above is None:
            return chain + rest
        chain.append(above)
        rest.remove(above)


def _public_bytes(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    encoded: bytes = key.public_bytes(serialization.Encoding.DER, form)
    return encoded


def _described(
    leaf: Any, digest: tuple[str, str, str], private: Any, name: str | None, option: str
) -> Certificate:
    domains = _domains(leaf, option)
    return Certificate(
        domain_name(name, "name") if name else domains[0],
        _key_type(private, option),
        " ".join(sorted(domains)),
        *digest,
        leaf.issuer.rfc4514_string(),
        f"{leaf.serial_number:X}",
        _time(leaf, "not_valid_before"),
        _time(leaf, "not_valid_after"),
    )


def _domains(leaf: Any, option: str) -> list[str]:
    try:
        extension = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = [a.value for a in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except ValueError as error:
        raise bad_pem(option, f"its names cannot be read: {error}") from None
    try:
        found = list(dict.fromkeys(domain_name(name, option) for name in names))
    except HaproxyError as error:
        raise bad_pem(option, f"it is for a name that is not a domain: {error}") from None
    if not found:
        raise bad_pem(option, "it is for no domain at all")
    return found


def _key_type(private: Any, option: str) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return "ecdsa"
    if isinstance(private, rsa.RSAPrivateKey):
        return "rsa"
    raise bad_pem(option, "its key is neither RSA nor ECDSA", "Use an RSA or ECDSA key")


def _time(leaf: Any, field: str) -> str:
    moment = getattr(leaf, f"{field}_utc", None) or getattr(leaf, field)
    text: str = moment.replace(tzinfo=timezone.utc).isoformat()
    return text


def _check_time(leaf: Any, block: Block, option: str, force: bool) -> None:
    now = datetime.now(timezone.utc).isoformat()
    if not force and _time(leaf, "not_valid_after") < now:
        problem = f"{block.label} expired at {_time(leaf, 'not_valid_after')}"
        raise bad_pem(option, problem, "Give a newer one, or force=true to serve it anyway")


def _check_names(certificate: Certificate, domains: Sequence[str], option: str) -> None:
    wanted = sorted({domain_name(domain, "domains") for domain in domains})
    missing = [domain for domain in wanted if not covers(certificate, domain)]
    if missing:
        shown = ", ".join(missing)
        problem = f"it is for {certificate.domains.replace(' ', ', ')}, but not for {shown}"
        raise bad_pem(option, problem, "Leave domains out, or give the certificate for them")
