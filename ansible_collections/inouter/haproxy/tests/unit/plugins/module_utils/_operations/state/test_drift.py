# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report: one item for each thing, with three sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Busy, Damaged
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.drift import (
    drift,
    drift_page,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import digest
from ansible_collections.inouter.haproxy.tests.unit.support.beside import once_before
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import behind_the_back


@pytest.fixture(autouse=True)
def domain(instance: Instance) -> None:
    """Have a domain."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))


def test_nothing_differs(instance: Instance) -> None:
    assert drift(instance) == {
        "converged": True,
        "generation": 2,
        "running": False,
        "cut_off_writes": [],
        "differences": [],
    }


def test_both_sides_differ_in_their_own_way(instance: Instance, simulated: Simulated) -> None:
    write(instance, "test", DomainRequest("a.test"))
    conf = instance.paths.conf
    simulated.execute(f"set map {conf}/domains.map a.test pool_3")
    _edit(Path(conf, "domains.map"), "pool_1", "pool_4")
    (item,) = [i for i in drift(instance)["differences"] if i["kind"] == "route"]
    assert (item["differs"], item["database"]) == (["files", "runtime"], "pool_1")
    assert (item["files"], item["runtime"]) == ("pool_4", "pool_3")


def test_pages_are_the_whole_report(instance: Instance) -> None:
    Path(instance.paths.conf, "domains.map").unlink()
    for number in (1, 2):
        Path(instance.paths.pools, f"pool_{number}.cfg").unlink()
    whole = drift(instance)
    assert len(whole["differences"]) == 3
    found: list[dict[str, object]] = []
    cursor: str | None = "0"
    while cursor is not None:
        page = drift_page(instance, int(cursor), 2)
        cursor = page.pop("next_cursor")
        assert page.pop("total") == len(whole["differences"])
        found += page["differences"]
        assert {**page, "differences": None} == {**whole, "differences": None}
    assert found == whole["differences"]


def test_the_database_alone_differs(instance: Instance, simulated: Simulated) -> None:
    write(instance, "test", DomainRequest("a.test"))
    simulated.execute(f"set map {instance.paths.conf}/domains.map a.test pool_3")
    _edit(Path(instance.paths.conf, "domains.map"), "pool_1", "pool_3")
    (item,) = [i for i in drift(instance)["differences"] if i["kind"] == "route"]
    assert item["differs"] == ["database"]


def test_a_write_that_was_cut_off(instance: Instance) -> None:
    with behind_the_back(instance.paths.database) as connection:
        connection.execute("UPDATE history SET outcome = 'pending' WHERE generation = 2")
    found = drift(instance)
    assert (found["converged"], found["cut_off_writes"]) == (False, [2])


def test_a_certificate_whose_key_is_lost(instance: Instance) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1, b=1))
    Path(instance.paths.certs, "a.test.ecdsa.pem").unlink()
    Path(instance.paths.certs, "b.test.ecdsa.pem").write_text("broken")
    found = {
        i["name"]: i["files"] for i in drift(instance)["differences"] if i["kind"] == "certificate"
    }
    assert found == {"a.test.ecdsa.pem": "missing", "b.test.ecdsa.pem": "damaged"}


def test_no_report_is_built_on_damage(instance: Instance) -> None:
    with behind_the_back(instance.paths.database) as connection:
        connection.execute("UPDATE servers SET ip = '10.0.0.3'")
    with pytest.raises(Damaged):
        drift(instance)


def test_a_write_beside_it_is_no_damage_and_no_difference(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = DomainRequest("a.test", ip="10.0.0.2")
    once_before(monkeypatch, digest, "of_rows", lambda: write(instance, "other", others))
    found = drift(instance)
    assert (found["converged"], found["generation"]) == (True, 3)


def test_a_difference_is_only_told_where_no_write_is_under_way(instance: Instance) -> None:
    with instance.lock("a long write"):
        assert drift(instance)["converged"]
        _edit(Path(instance.paths.conf, "domains.map"), "pool_1", "pool_4")
        with pytest.raises(Busy, match="a long write"):
            drift(instance)
    assert not drift(instance)["converged"]


def _edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))
