# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving what a document says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.document import document_of
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.export import (
    document,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.imports import (
    import_document,
)
from ansible_collections.inouter.haproxy.tests.unit.support.pki import authority, issued
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

OPTIONS = {"prune": False, "prune_limit": 20, "force": False}
A = {"domain": "a.test", "pool": "pool_2", "servers": [{"ip": "10.0.0.1"}]}


def with_certificate(content: str) -> dict[str, Any]:
    """The domain with a certificate under it."""
    return {**A, "certificates": [{"content": content}]}


def bring(instance: Instance, found: Any, check_mode: bool = False, **options: Any) -> Outcome:
    """Import."""
    checked = document_of({"document": found, "src": None})
    given = {**OPTIONS, **options, "document": checked}
    return import_document(instance, "test", given, check_mode)


def test_what_is_exported_is_imported(instance: Instance) -> None:
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.1"))
    write(instance, "test", DomainRequest("a.test", share_with="b.test"))
    found = document(instance, keys=True)
    assert not bring(instance, found, prune=True).changed
    write(instance, "test", DomainRequest("a.test", present=False))
    write(instance, "test", DomainRequest("c.test", ip="10.0.0.9"))
    before = everything(instance)
    assert bring(instance, found, check_mode=True).changed
    assert everything(instance) == before
    outcome = bring(instance, found)
    assert outcome.described["counts"]["added"] == 1
    names = {item["domain"] for item in document(instance, keys=False)["domains"]}
    assert names == {"a.test", "b.test", "c.test"}


def test_prune_takes_away_what_is_not_in_it(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.1"))
    write(instance, "test", Bring(b=1))
    with pytest.raises(Conflict, match="prune_limit"):
        bring(instance, {"domains": [A]}, prune=True)
    bring(instance, {"domains": [A]}, prune=True, prune_limit=100)
    found = document(instance, keys=False)
    assert ([item["domain"] for item in found["domains"]], found["certificates"]) == (
        ["a.test"],
        [],
    )


def test_certificates_with_and_without_keys(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    content = {"name": "a.test", "key_type": "ecdsa", "content": issued("a.test").combined}
    bring(instance, {"domains": [A], "certificates": [content]})
    (known,) = document(instance, keys=False)["certificates"]
    foreign = {**known, "name": "b.test"}
    outcome = bring(instance, {"domains": [A], "certificates": [known, foreign]})
    (told,) = outcome.described["left_out"]
    assert told.startswith("certificates[1]: b.test (ecdsa) has no content")
    assert not outcome.changed


@pytest.mark.parametrize("prune", [False, True])
def test_a_certificate_under_its_domain(instance: Instance, prune: bool) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    bring(instance, {"domains": [with_certificate(issued("a.test").combined)]})
    new = issued("a.test", serial=1).combined
    own = {"name": "o.test", "key_type": "ecdsa", "content": issued("o.test").combined}
    bring(instance, {"domains": [with_certificate(new)], "certificates": [own]}, prune=prune)
    found = document(instance, keys=True)["certificates"]
    assert [(item["name"], item["content"]) for item in found] == [
        ("a.test", new),
        ("o.test", own["content"]),
    ]
    assert files(instance)["certs.crtlist"].decode().splitlines()[1:] == [
        f"{instance.paths.certs}/a.test.ecdsa.pem",
        f"{instance.paths.certs}/o.test.ecdsa.pem",
    ]


def test_a_certificate_in_two_places(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    before = everything(instance)
    own = {"name": "a.test", "key_type": "ecdsa", "content": issued("a.test").combined}
    found = {"domains": [with_certificate(issued("a.test").combined)], "certificates": [own]}
    with pytest.raises(Conflict, match=r"a.test \(ecdsa\) is in the certificates of a domain too"):
        bring(instance, found)
    assert everything(instance) == before


def test_a_certificate_that_has_expired(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    old = authority().issue("a.test", days=1, begin=-2)
    found = {"domains": [with_certificate(old.combined)]}
    with pytest.raises(InvalidInput, match="expired at .* force=true"):
        bring(instance, found)
    assert bring(instance, found, force=True).changed
