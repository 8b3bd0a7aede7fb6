# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history as it is returned."""

from __future__ import annotations

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.changes import (
    list_changes,
)


def test_who_did_what(instance: Instance) -> None:
    write(instance, "haproxy_domain", DomainRequest("a.test", ip="10.0.0.1"))
    newest, first = list_changes(instance, 10)
    assert (newest["generation"], newest["action"], newest["outcome"]) == (
        2,
        "haproxy_domain",
        "done",
    )
    assert newest["actor"] and newest["at"] > first["at"]
    kinds = [(change["kind"], change["name"]) for change in newest["changes"]]
    assert kinds == [("domain", "a.test"), ("pool", 1)]
    assert len(list_changes(instance, 1)) == 1
