# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_state_info: what differs, and what was done."""

from __future__ import annotations

from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated

from .conftest import Run

NAME = "haproxy_state_info"


def test_drift_is_the_default(run: Run, simulated: Simulated) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    assert run(NAME)["drift"] == {
        "converged": True,
        "generation": 2,
        "running": True,
        "cut_off_writes": [],
        "differences": [],
    }
    simulated.execute("set server pool_1/pool_1_1 state drain")
    assert run(NAME)["drift"]["differences"] == [
        {
            "kind": "server",
            "name": "pool_1_1",
            "differs": ["runtime"],
            "database": "10.0.0.1:80 weight 1 ready",
            "files": "10.0.0.1:80 weight 1 ready",
            "runtime": "10.0.0.1:80 weight 1 drain",
        }
    ]


def test_what_is_asked_for(run: Run) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    found = run(NAME, gather=["history", "export", "backups"], limit=1)
    assert "drift" not in found
    assert [change["action"] for change in found["history"]] == ["haproxy_domain"]
    assert [item["domain"] for item in found["export"]["domains"]] == ["a.test"]
    assert found["backups"] == []


def test_errors(run: Run) -> None:
    assert run(NAME, gather=["nothing"])["failed"]
    assert "limit: 0 is out of range" in run(NAME, gather=["history"], limit=0)["msg"]
