# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of certificate files, and which domains a certificate covers."""

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import (
    KEY_TYPES,
    Certificate,
    covers,
    file_name,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import word
from ansible_collections.inouter.haproxy.tests.unit.support import strategies


def certificate(domains: str) -> Certificate:
    return Certificate("a.test", "rsa", domains, "f", "s", "c", "CN=x", "1", "begin", "end")


@pytest.mark.parametrize(
    ("domains", "domain", "expected"),
    [
        ("a.test", "a.test", True),
        ("a.test b.test", "b.test", True),
        ("a.test", "b.test", False),
        ("a.test", "aa.test", False),
        ("a.test", "www.a.test", False),
        ("a.test", "*.a.test", False),
        ("*.a.test", "www.a.test", True),
        ("*.a.test", "*.a.test", True),
        ("*.a.test", "a.test", False),
        ("*.a.test", "x.www.a.test", False),
        ("*.a.test", "*.www.a.test", False),
        ("*.a.test", "wwwa.test", False),
        ("*.a.test a.test", "a.test", True),
        ("*.www.a.test", "x.www.a.test", True),
        ("www.a.test", "*.a.test", False),
        ("localhost", "localhost", True),
        ("localhost", "host", False),
    ],
)
def test_what_a_certificate_covers(domains: str, domain: str, expected: bool) -> None:
    assert covers(certificate(domains), domain) == expected


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (("a.test", "ecdsa"), "a.test.ecdsa.pem"),
        (("a.test", "rsa"), "a.test.rsa.pem"),
        (("*.a.test", "rsa"), "_.a.test.rsa.pem"),
    ],
)
def test_file_names(key: tuple[str, str], name: str) -> None:
    assert file_name(key) == name


@given(strategies.domains, strategies.domains)
def test_each_key_has_a_file_of_its_own(one: str, other: str) -> None:
    keys = {(name, key_type) for name in (one, other) for key_type in KEY_TYPES}
    names = {file_name(key) for key in keys}
    assert len(names) == len(keys)
    assert all(word(name) == name and not name.startswith(".") for name in names)


def test_a_certificate_is_told_by_its_name_and_key_type() -> None:
    assert certificate("b.test").key == ("a.test", "rsa")
