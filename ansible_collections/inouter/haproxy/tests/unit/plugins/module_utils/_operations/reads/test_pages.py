# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of domains and certificates, and names that begin with some letters."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import Certificate
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads import pages
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.lists import (
    list_domains,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.database import transaction

NAMES = ["*.a.test", "a.test", "b.test", "c.test"]


@pytest.fixture
def filled(instance: Instance) -> Instance:
    """Give an instance with four domains that share a pool."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    for name in NAMES:
        if name != "a.test":
            write(instance, "test", DomainRequest(name, share_with="a.test"))
    return instance


def walked(instance: Instance, limit: int, **options: Any) -> list[str]:
    """All names, a page after the other."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = pages.domain_page(instance, after=after, limit=limit, **options)
        assert len(page["domains"]) <= limit
        found += [domain["domain"] for domain in page["domains"]]
        after = page["next_cursor"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_are_the_whole_list(filled: Instance, limit: int) -> None:
    assert walked(filled, limit) == NAMES
    assert walked(filled, limit, include_wildcards=False) == NAMES[1:]


def test_a_page_is_what_the_module_lists(filled: Instance) -> None:
    page = pages.domain_page(filled)
    assert page == {"domains": list_domains(filled), "total": 4, "next_cursor": None}
    assert pages.domain_page(filled, include_wildcards=False, limit=1)["total"] == 3


def put(instance: Instance, name: str, until: str, domains: str = "") -> None:
    """Have a certificate in the database alone."""
    row = Certificate(
        *(name, "ecdsa", domains or name, "0" * 64, "1" * 40, "2" * 64, "CN=x", "1"),
        *("2020-01-01T00:00:00+00:00", until),
    )
    with instance.store() as store, transaction(store.connection):
        store.put_certificate(row.key, row)


def test_certificates(instance: Instance) -> None:
    put(instance, "a.test", "2020-01-02T00:00:00+00:00")
    put(instance, "b.test", "2999-01-01T00:00:00+00:00", "*.b.test b.test")
    first = pages.certificate_page(instance, limit=1)
    assert (first["total"], first["next_cursor"]) == (2, "a.test")
    rest = pages.certificate_page(instance, after="a.test")
    assert [c["name"] for c in rest["certificates"]] == ["b.test"]
    ending = pages.certificate_page(instance, expiring_within=1)
    assert ([c["name"] for c in ending["certificates"]], ending["total"]) == (["a.test"], 1)


@pytest.mark.parametrize("name", ["b.test", "*.b.test", "B.TEST."])
def test_certificates_of_a_name_or_a_domain(instance: Instance, name: str) -> None:
    put(instance, "b.test", "2999-01-01T00:00:00+00:00", "*.b.test b.test")
    put(instance, "xb.test", "2999-01-01T00:00:00+00:00")
    found = pages.certificates_of(instance, name)["certificates"]
    assert [c["name"] for c in found] == ["b.test"]


def test_no_certificate_of_a_part_of_a_name(instance: Instance) -> None:
    put(instance, "b.test", "2999-01-01T00:00:00+00:00")
    assert pages.certificates_of(instance, "test")["certificates"] == []


@pytest.mark.parametrize(
    ("kind", "prefix", "values"),
    [
        ("domain", "", NAMES),
        ("domain", "A", ["a.test"]),
        ("domain", "%", []),
        ("server", "pool_1", ["pool_1_1"]),
        ("certificate", "", []),
    ],
)
def test_completions(filled: Instance, kind: str, prefix: str, values: list[str]) -> None:
    assert pages.completions(filled, kind, prefix) == {"values": values, "more": False}


def test_more_completions_than_wanted(filled: Instance) -> None:
    assert pages.completions(filled, "domain", "", 2) == {"values": NAMES[:2], "more": True}
