# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the truth says is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.certificate import (
    PutCertificates,
    Source,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.served import served
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store
from ansible_collections.inouter.haproxy.tests.unit.support.beside import once_before
from ansible_collections.inouter.haproxy.tests.unit.support.pki import issued

SERVERS: list[dict[str, Any]] = [
    {"ip": "10.0.0.1"},
    {"ip": "2001:db8::1", "weight": 3, "state": "drain"},
]


def test_pools_with_their_domains_and_servers(instance: Instance) -> None:
    write(instance, "test", DomainRequest("b.test", servers=SERVERS))
    outcome = write(instance, "test", DomainRequest("a.test", share_with="b.test"))
    found = served(instance)
    (pool,) = found["pools"]
    assert (found["generation"], found["certificates"]) == (outcome.generation, [])
    assert (pool["pool"], pool["domains"]) == ("pool_1", ["a.test", "b.test"])
    shown = [(s["name"], s["ip"], s["weight"], s["state"]) for s in pool["servers"]]
    assert shown == [("pool_1_1", "10.0.0.1", 1, "ready"), ("pool_1_2", "2001:db8::1", 3, "drain")]


def test_a_write_beside_it_is_not_seen_by_half(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served(instance)
    request = DomainRequest("a.test", ip="10.0.0.1")
    once_before(monkeypatch, Store, "domains", lambda: write(instance, "other", request))
    assert served(instance) == before
    assert served(instance)["generation"] == before["generation"] + 1


def test_certificates_without_their_content(tmp_path: Path) -> None:
    instance = Instance(str(tmp_path / "lb"))
    set_up(instance, {"pool_count": 1, "https": "127.0.0.1:1"}, check_mode=False)
    pem = issued("a.test", "*.a.test")
    write(instance, "test", PutCertificates([Source("", "a.test", content=pem.combined)]))
    (found,) = served(instance)["certificates"]
    assert found.pop("not_after")
    assert found == {
        "name": "a.test",
        "key_type": "ecdsa",
        "domains": ["*.a.test", "a.test"],
        "fingerprint": pem.fingerprint,
    }
