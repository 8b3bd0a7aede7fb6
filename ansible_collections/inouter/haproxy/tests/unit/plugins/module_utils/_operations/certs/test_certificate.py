# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for becomes rows and content; what a domain needs stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.certificate import (
    PutCertificates,
    RemoveCertificate,
    Source,
    sources,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import scope_of
from ansible_collections.inouter.haproxy.tests.unit.support.pki import Pem, authority, issued

SETTINGS = Settings(https="127.0.0.1:443")
A, WILD, RSA = issued("a.test"), issued("*.a.test"), issued("a.test", key="rsa")
NONE: dict[str, Any] = dict.fromkeys(("name", "content", "src", "key_content", "key_src"))
EMPTY: dict[str, Any] = {**NONE, "domains": []}


@pytest.fixture(autouse=True)
def https(instance: Instance) -> None:
    """Let the instance serve HTTPS."""
    set_up(instance, {"https": SETTINGS.https}, check_mode=False)


def put(instance: Instance, *pems: Pem) -> None:
    write(instance, "test", PutCertificates([Source(content=pem.combined) for pem in pems]))


def remove(instance: Instance, name: str, force: bool = False) -> None:
    write(instance, "test", RemoveCertificate(name, force))


def keys(instance: Instance) -> list[tuple[str, str]]:
    with instance.store() as store:
        return [row.key for row in store.certificates()]


def test_a_task_with_one_certificate() -> None:
    options = {**EMPTY, "certificates": None, "src": "/x", "domains": ["a.test"], "force": True}
    assert sources(options) == [Source(src="/x", domains=["a.test"])]


def test_a_task_with_several() -> None:
    options = {**EMPTY, "certificates": [{**EMPTY, "src": "/x"}, {**EMPTY, "content": "y"}]}
    found = [Source("certificates[0]", src="/x", domains=[])]
    assert sources(options) == [*found, Source("certificates[1]", content="y", domains=[])]
    assert sources({**EMPTY, "certificates": []}) == []


def test_the_parts_may_come_from_anywhere(tmp_path: Path) -> None:
    chain, key = A.leaf + A.above, A.key.rstrip("\n")
    (tmp_path / "chain").write_text(chain.rstrip("\n"))
    (tmp_path / "key").write_text(key)
    chain_path, key_path = str(tmp_path / "chain"), str(tmp_path / "key")
    expected = Source(content=A.combined).examined(False)
    for source in (
        Source(content=chain, key_content=key),
        Source(src=chain_path, key_content=key),
        Source(content=chain.rstrip("\n"), key_src=key_path),
        Source(src=chain_path, key_src=key_path),
    ):
        assert source.examined(False) == expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(), "src: None is not there"),
        (Source(src="/no/such.pem"), "src: '/no/such.pem' is not there"),
        (Source("certificates[2]", src="/no"), "certificates[2].src: '/no' is not there"),
        (Source(content=""), "content: 'PEM text' cannot be used"),
        (Source("certificates[0]", content=A.key), "certificates[0].content: 'PEM text' cannot"),
        (Source(content=A.combined, domains=["b.test"]), "content: 'PEM text' cannot be used"),
        (Source(content=A.combined, name="a b"), "name: 'a b' is not a domain"),
        (Source(content=A.leaf, key_src="/no"), "key_src: '/no' is not there"),
    ],
)
def test_errors_name_the_option(source: Source, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        source.examined(False)
    assert str(caught.value).startswith(words)
    assert A.secret not in str(caught.value)


def test_a_source_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Source(src=str(tmp_path)).examined(False)


def test_expired_ones_need_force() -> None:
    old = Source(content=authority().issue("a.test", begin=-9, days=1).combined)
    with pytest.raises(InvalidInput, match="force=true"):
        old.examined(False)
    assert old.examined(True)[0].name == "a.test"


def test_certificates_are_put_into_the_truth(instance: Instance) -> None:
    request = PutCertificates([Source(content=pem.combined) for pem in (A, RSA, WILD)])
    with instance.store() as store:
        scope = request.edit(store, SETTINGS)
        expected = [("*.a.test", "ecdsa"), ("a.test", "ecdsa"), ("a.test", "rsa")]
        assert [row.key for row in store.certificates()] == expected
        assert scope == scope_of(certificates=expected)
        assert request.contents["a.test", "rsa"] == (RSA.leaf + RSA.above + RSA.key).encode()
        views = request.describe(store)["certificates"]
    assert [view["file"] for view in views] == [
        "_.a.test.ecdsa.pem",
        "a.test.ecdsa.pem",
        "a.test.rsa.pem",
    ]
    assert A.secret not in str(views)


def test_one_name_and_key_type_is_there_once(instance: Instance) -> None:
    twice = [Source("certificates[0]", content=A.combined), Source("x", "a.test", WILD.combined)]
    with pytest.raises(Conflict, match=r"^x: a\.test \(ecdsa\) is in certificates\[0\] too"):
        write(instance, "test", PutCertificates(twice))
    assert keys(instance) == []


def test_with_no_https_there_is_no_place_for_it(instance: Instance) -> None:
    request = PutCertificates([Source(content=A.combined)])
    with instance.store() as store, pytest.raises(Conflict, match="serves no HTTPS"):
        request.edit(store, Settings())


def test_both_kinds_of_a_name_are_removed(instance: Instance) -> None:
    put(instance, A, RSA, WILD)
    remove(instance, "A.test.")
    assert keys(instance) == [("*.a.test", "ecdsa")]
    remove(instance, "a.test")
    assert RemoveCertificate("*.a.test").describe(None) == {"certificates": []}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("domains", "others", "needed"),
    [
        ([], [], False),
        (["a.test"], [], False),
        (["x.y.a.test"], [], False),
        (["x.a.test"], [], True),
        (["*.a.test"], [], True),
        (["x.a.test"], ["x.a.test"], False),
        (["x.a.test", "y.a.test"], ["x.a.test"], True),
    ],
)
def test_what_a_domain_needs_goes_only_with_force(
    instance: Instance, domains: list[str], others: list[str], needed: bool
) -> None:
    for domain in domains:
        write(instance, "test", DomainRequest(domain, ip="10.0.0.1"))
    put(instance, WILD, *(issued(name) for name in others))
    if needed:
        with pytest.raises(Conflict, match=r"^name: '\*\.a\.test' is the only certificate of"):
            remove(instance, "*.a.test")
        assert ("*.a.test", "ecdsa") in keys(instance)
    remove(instance, "*.a.test", force=needed)
    assert ("*.a.test", "ecdsa") not in keys(instance)


def test_only_a_few_domains_are_named(instance: Instance) -> None:
    put(instance, WILD)
    for number in range(1, 5):
        domain = DomainRequest(f"{number}.a.test", ip="10.0.0.1", pool="pool_1")
        write(instance, "test", domain if number == 1 else _shared(number))
    with pytest.raises(Conflict, match=r"of 1\.a\.test, 2\.a\.test, 3\.a\.test and 1 more\."):
        remove(instance, "*.a.test")


def _shared(number: int) -> DomainRequest:
    return DomainRequest(f"{number}.a.test", share_with="1.a.test")


def test_a_bad_name_to_remove() -> None:
    with pytest.raises(InvalidInput, match="^name: '../x' is not a domain"):
        RemoveCertificate("../x")
