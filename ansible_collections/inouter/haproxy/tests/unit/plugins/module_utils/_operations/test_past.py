# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed, and who called what."""

from __future__ import annotations

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.past import (
    begin_call,
    finish_call,
    past,
)


def test_changes_and_calls(instance: Instance) -> None:
    write(instance, "haproxy_domain", DomainRequest("a.test", ip="10.0.0.1"))
    begun = begin_call(instance, "token a", "haproxy_add_domain", {"domain": "a.test"})
    assert finish_call(instance, begun["number"], "done", "generation 2") == {}
    begin_call(instance, "token b", "haproxy_reload", {})
    found = past(instance)
    newest = found["changes"][0]
    assert (newest["action"], newest["outcome"]) == ("haproxy_domain", "done")
    assert {"kind", "name", "before", "after"} == set(newest["changes"][0])
    calls = [(call["tool"], call["outcome"]) for call in found["calls"]]
    assert calls == [("haproxy_reload", "started"), ("haproxy_add_domain", "done")]


def test_no_more_than_asked_for(instance: Instance) -> None:
    for name in ("a.test", "b.test"):
        write(instance, "haproxy_domain", DomainRequest(name, ip="10.0.0.1"))
        begin_call(instance, "token a", "haproxy_add_domain", {"domain": name})
    found = past(instance, 1)
    assert (len(found["changes"]), len(found["calls"])) == (1, 1)
    assert found["calls"][0]["arguments"] == {"domain": "b.test"}
