# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys as people have them: put in order, or refused with the reason."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model import x509
from ansible_collections.inouter.haproxy.plugins.module_utils._model.digest import is_intact
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.pem import blocks, render
from ansible_collections.inouter.haproxy.plugins.module_utils._model.x509 import examine
from ansible_collections.inouter.haproxy.tests.unit.support import pki
from ansible_collections.inouter.haproxy.tests.unit.support.pki import Pem, authority, issued

GOOD = issued("b.test", "*.a.test", "a.test")
OTHER = issued("other.test")
ROOT = authority().root
CHAIN = GOOD.leaf + GOOD.above
ENCRYPTED = pki.key_pem(pki.parsed_key(GOOD), password="p")
OLD_ENCRYPTED = pki.key_pem(pki.parsed_key(GOOD), pki.TRADITIONAL, password="p")
# A PKCS #8 key of a kind that nobody knows: SEQUENCE { 0, { OID 1.2.3.4 }, "" }.
ODD_KEY = "-----BEGIN PRIVATE KEY-----\nMAwCAQAwBQYDKgMEBAA=\n-----END PRIVATE KEY-----\n"
MESSAGES = {
    "nothing": ("", "it has no CERTIFICATE block"),
    "key only": (GOOD.key, "it has no CERTIFICATE block"),
    "no key": (CHAIN, "it has no private key"),
    "two keys": (GOOD.combined + OTHER.key, "it has 2 private keys. One certificate has one key"),
    "the same key twice": (GOOD.combined + GOOD.key, "it has 2 private keys"),
    "encrypted": (CHAIN + ENCRYPTED, "block 3 (ENCRYPTED PRIVATE KEY) is encrypted. Decrypt the"),
    "encrypted of old": (CHAIN + OLD_ENCRYPTED, "block 3 (EC PRIVATE KEY) is encrypted. Decrypt"),
    "foreign key": (
        CHAIN + OTHER.key,
        "block 3 (PRIVATE KEY) is not the key of any certificate in it, such as CN=b.test",
    ),
    "Ed25519": (authority().issue("a.test", key="ed25519").combined, "neither RSA nor ECDSA"),
    "key with another label": (CHAIN + GOOD.key.replace("PRIV", "EC PRIV"), "block 3 (EC PRIVATE"),
    "certificate that is none": (
        GOOD.key + render([blocks(GOOD.key, "x")[0]._replace(kind="CERTIFICATE")]).decode(),
        "block 2 (CERTIFICATE) is not a certificate",
    ),
    "certificate as key": (
        GOOD.leaf + GOOD.leaf.replace("CERTIFICATE", "PRIVATE KEY"),
        "block 2 (",
    ),
    "cut": (GOOD.combined[:-40], "the last block, PRIVATE KEY, has no END line"),
    "expired": (
        authority().issue("a.test", begin=-9, days=1).combined,
        "block 1 (CERTIFICATE) exp",
    ),
    "no domain": (authority().issue(common="Some Body").combined, "a name that is not a domain"),
    "an address as name": (authority().issue("10.0.0.1").combined, "ends in a number"),
}


def refusal(text: str, *domains: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        examine(text, "content", None, domains)
    return str(caught.value)


@pytest.mark.parametrize(("text", "words"), MESSAGES.values(), ids=list(MESSAGES))
def test_what_cannot_be_used(text: str, words: str) -> None:
    message = refusal(text)
    assert message.startswith("content: 'PEM text' cannot be used: ")
    assert words in message
    for pem in (GOOD, OTHER):
        assert not any(line in message for line in pem.key.splitlines()[1:-1])


def test_everything_that_is_known_of_a_certificate() -> None:
    row, pem = examine(GOOD.combined, "content")
    leaf = GOOD.certificate
    assert (row.name, row.key_type, row.domains) == ("b.test", "ecdsa", "*.a.test a.test b.test")
    assert (row.fingerprint, row.issuer) == (GOOD.fingerprint, "CN=unit below")
    assert int(row.serial, 16) == leaf.serial_number
    begin, end = datetime.fromisoformat(row.not_before), datetime.fromisoformat(row.not_after)
    assert (end - begin, end.tzinfo) == (timedelta(days=90), timezone.utc)
    assert pem.decode() == GOOD.combined and is_intact(row, pem)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.key + CHAIN,
        GOOD.above + GOOD.key + GOOD.leaf,
        GOOD.combined.replace("\n", "\r\n"),
        GOOD.combined.replace("\n", "\n\n"),
        f"Bag Attributes\n    localKeyID: 01\n{GOOD.combined}\nsubject=x",
        CHAIN
        + "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        + GOOD.key,
    ],
    ids=["key first", "any order", "CRLF", "blank lines", "text around", "parameters"],
)
def test_untidy_text_is_put_in_order(text: str) -> None:
    assert examine(text, "content") == examine(GOOD.combined, "content")


@pytest.mark.parametrize("form", [pki.PKCS8, pki.TRADITIONAL])
@pytest.mark.parametrize(("kind", "key_type"), [("ecdsa", "ecdsa"), ("rsa", "rsa")])
def test_keys_of_either_kind_and_form(kind: str, key_type: str, form: str) -> None:
    pem = issued("a.test", key=kind)
    row, content = examine(pem.leaf + pki.key_pem(pki.parsed_key(pem), form), "content")
    assert row.key == ("a.test", key_type)
    assert blocks(content.decode(), "x")[1].is_key


def test_the_chain_is_put_in_order_and_the_rest_kept_behind_it() -> None:
    """The root, another chain and the key's own certificate, all mixed."""
    mixed = [OTHER.leaf, ROOT, GOOD.key, GOOD.above, GOOD.leaf]
    content = examine("".join(mixed), "content")[1].decode()
    assert content == GOOD.leaf + GOOD.above + ROOT + OTHER.leaf + GOOD.key


def test_a_certificate_that_signs_itself() -> None:
    again = ROOT.replace("\n", "\r\n")
    content = examine(GOOD.combined + ROOT + again, "content")[1].decode()
    assert content == CHAIN + ROOT + ROOT + GOOD.key


def test_a_common_name_counts_where_there_are_no_other_names() -> None:
    row, _pem = examine(authority().issue(common="A.Test").combined, "content")
    assert (row.name, row.domains) == ("a.test", "a.test")
    row, _pem = examine(authority().issue("b.test", common="a.test").combined, "content")
    assert row.domains == "b.test"


@pytest.mark.parametrize(
    ("name", "stored"),
    [(None, "b.test"), ("", "b.test"), ("C.test.", "c.test"), ("*.A.b", "*.a.b")],
)
def test_the_name_that_it_is_kept_under(name: str | None, stored: str) -> None:
    assert examine(GOOD.combined, "content", name)[0].name == stored


def test_a_bad_name_is_named() -> None:
    with pytest.raises(InvalidInput, match="^name: '../x' is not a domain"):
        examine(GOOD.combined, "content", "../x")


@pytest.mark.parametrize("domains", [(), ("a.test",), ("*.A.test.", "b.test"), ("b.test",) * 2])
def test_names_that_it_has(domains: tuple[str, ...]) -> None:
    assert examine(GOOD.combined, "content", None, domains)[0].name == "b.test"


def test_names_that_it_lacks() -> None:
    message = refusal(GOOD.combined, "d.test", "c.test", "a.test")
    assert "it is for *.a.test, a.test, b.test, but not for c.test, d.test" in message


def test_what_has_expired_passes_with_force() -> None:
    old = authority().issue("a.test", begin=-9, days=1)
    assert examine(old.combined, "content", force=True)[0].fingerprint == old.fingerprint


def test_what_begins_tomorrow_passes() -> None:
    assert examine(authority().issue("a.test", begin=1).combined, "content")


def test_the_library_is_there() -> None:
    assert x509.IMPORT_ERROR is None


def test_a_certificate_for_no_domain_at_all() -> None:
    names = pki.x509.SubjectAlternativeName([pki.x509.RFC822Name("me@a.test")])
    assert "it is for no domain at all" in refusal(authority().issue_with(names).combined)


def odd_extension() -> Pem:
    found = pki.x509.UnrecognizedExtension(pki.x509.ObjectIdentifier("2.5.29.17"), b"\x30\x05x")
    return authority().issue_with(found)


def test_a_key_that_nobody_knows_is_refused() -> None:
    assert "block 3 (PRIVATE KEY) is not a key" in refusal(CHAIN + ODD_KEY)


def test_a_broken_extension_is_refused() -> None:
    assert "its names cannot be read: " in refusal(odd_extension().combined)
