# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed, and who called what."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.bulk import (
    DomainsRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.changes import (
    list_changes,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.past import (
    MOST_THINGS,
    begin_call,
    finish_call,
    past,
    past_page,
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


def walked(instance: Instance, section: str, limit: int) -> list[dict[str, Any]]:
    """All rows, a page after the other."""
    found: list[dict[str, Any]] = []
    before: dict[str, int] = {}
    while True:
        page = past_page(instance, section, limit=limit, **before)
        (other,) = {"changes", "calls"} - {section}
        assert page[other] == [] and len(page[section]) <= limit
        found += page[section]
        if page["next_cursor"] is None:
            assert page["total"] == len(found)
            return found
        before = {"before": int(page["next_cursor"])}


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_are_the_whole_past(instance: Instance, limit: int) -> None:
    for number in (1, 2, 3):
        write(instance, "haproxy_domain", DomainRequest("a.test", ip=f"10.0.0.{number}"))
        begin_call(instance, "token a", "haproxy_add_domain", {"number": number})
    changes = [{**change, "left_out": 0} for change in list_changes(instance, 50)]
    assert walked(instance, "changes", limit) == changes and len(changes) == 4
    assert walked(instance, "calls", limit) == past(instance)["calls"]


def test_a_change_of_many_things_is_cut(instance: Instance) -> None:
    listed = [{"domain": "a.test", "ip": "10.0.0.1"}]
    listed += [{"domain": f"{n}.a.test", "share_with": "a.test"} for n in range(MOST_THINGS + 3)]
    write(instance, "haproxy_domains", DomainsRequest(listed))
    (newest,) = past_page(instance, limit=1)["changes"]
    (whole,) = list_changes(instance, 1)
    assert newest["changes"] == whole["changes"][:MOST_THINGS]
    assert newest["left_out"] == len(whole["changes"]) - MOST_THINGS == 5


def test_a_change_that_is_too_old_for_details(instance: Instance) -> None:
    with instance.store() as store:
        store.connection.execute("UPDATE history SET changes = 'null'")
    (row,) = past_page(instance)["changes"]
    assert row["changes"] is None and row["left_out"] == 0
