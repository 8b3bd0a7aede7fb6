# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain names: what is accepted, in which form it is stored, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.names import (
    domain_name,
    is_wildcard,
)
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import any_text, name_like

STORED = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\Z")
LABEL_63 = "a" * 63
_labels = st.text("aBzÀüÑ日本рф09", min_size=1, max_size=20)
mostly_good = st.builds(
    "{}{}.{}{}".format, st.sampled_from(("", "*.")), _labels, _labels, st.just("x")
)
LONGEST = ".".join([LABEL_63] * 3 + ["a" * 61])


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("example.com.", "example.com"),
        ("*.Example.com.", "*.example.com"),
        ("localhost", "localhost"),
        ("a-b.c--d.example", "a-b.c--d.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("1.example", "1.example"),
        ("1.2.3.4.example", "1.2.3.4.example"),
        ("*.test", "*.test"),
        (f"{LABEL_63}.test", f"{LABEL_63}.test"),
        (LONGEST, LONGEST),
        (f"{LONGEST}.", LONGEST),
    ],
)
def test_plain_names(given_name: str, stored: str) -> None:
    assert domain_name(given_name) == stored


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example.", "xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        ("日本語.jp", "xn--wgv71a119e.jp"),
        ("日本語。jp", "xn--wgv71a119e.jp"),
        ("ｅxample.com", "example.com"),
        ("example.рф", "example.xn--p1ai"),
    ],
)
def test_international_names(given_name: str, stored: str) -> None:
    assert domain_name(given_name) == stored


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "an empty label"),
        (".", "an empty label"),
        (".example.com", "an empty label"),
        ("example..com", "an empty label"),
        ("example.com..", "an empty label"),
        ("*", "the label '*'"),
        ("*.", "the label '*'"),
        ("a.*.test", "the label '*'"),
        ("*.*.test", "the label '*'"),
        ("*a.test", "the label '*a'"),
        ("-a.test", "the label '-a'"),
        ("a-.test", "the label 'a-'"),
        ("a_b.test", "the label 'a_b'"),
        ("a b.test", "the label 'a b'"),
        (" a.test", "the label ' a'"),
        ("a.test\n", "the label 'test\\n'"),
        ("a.test;show info", "the label 'test;show info'"),
        ("a.test:80", "the label 'test:80'"),
        ("http://a.test", "the label 'http://a'"),
        ("10.0.0.1", "ends in a number, like an IP address"),
        ("*.1", "ends in a number, like an IP address"),
        (f"{LABEL_63}a.test", "has a label of 64 characters"),
        (f"b{LONGEST[1:]}a", "has 254 characters"),
        ("straße.example", "contains ß"),
        ("STRAẞE.example", "contains ẞ"),
        ("βόλος.example", "contains ς"),
        ("a\u200cb.example", "contains ZWNJ"),
        ("a\u200db.example", "contains ZWJ"),
        ("xn--ü.example", "is not an international domain name"),
        ("☃\ufffd.example", "is not an international domain name"),
        ("ü" * 80 + ".example", "is not an international domain name"),
        ("\ud800.example", "is not an international domain name"),
    ],
)
def test_bad_names_are_refused_by_option_and_value(name: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        domain_name(name, "domains[3]")
    assert str(caught.value).startswith(f"domains[3]: {name!r} ")
    assert words in str(caught.value)


def test_the_option_is_called_domain_unless_told() -> None:
    with pytest.raises(InvalidInput, match=r"^domain: 'a b' "):
        domain_name("a b")


@pytest.mark.parametrize(
    ("name", "wildcard"), [("*.a.test", True), ("a.test", False), ("www.a.test", False)]
)
def test_is_wildcard(name: str, wildcard: bool) -> None:
    assert is_wildcard(name) is wildcard


@given(any_text | name_like)
@example("*。example.com")
@example("a\u2024b.example")
@example("＊.example")
def test_any_text_is_stored_or_refused(text: str) -> None:
    try:
        name = domain_name(text)
    except InvalidInput as error:
        assert str(error).startswith(f"domain: {text!r} ")
        return
    assert STORED.match(name) and len(name) <= 253
    assert all(len(label) <= 63 for label in name.split("."))


@given(mostly_good)
def test_a_stored_name_stays_as_it_is(text: str) -> None:
    try:
        name = domain_name(text)
    except InvalidInput:
        reject()
    assert domain_name(name) == name
    assert domain_name(f"{name.upper()}.") == name
