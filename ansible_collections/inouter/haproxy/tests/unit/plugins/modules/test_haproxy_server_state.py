# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_server_state."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated

from .conftest import Run

NAME = "haproxy_server_state"


def test_saved_and_restored(run: Run, instance: Instance, simulated: Simulated) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    saved = run(NAME)
    assert saved["changed"] and saved["state_file"] == f"{instance.paths.data}/servers.state"
    assert not run(NAME)["changed"]
    run("haproxy_server", domain="a.test", slot=1, weight=9)
    checked = run(NAME, check=True, state="restored")
    restored = run(NAME, state="restored")
    assert restored["changed"] and restored["verified"] and checked["diff"] == restored["diff"]
    assert simulated.slots[1, 1].server.weight == 1
    assert not run(NAME, state="restored")["changed"]


def test_another_file(run: Run, simulated: Simulated, tmp_path: Path) -> None:
    assert run(NAME, state_file=str(tmp_path / "other"))["changed"]
    assert (tmp_path / "other").exists()


def test_errors(run: Run) -> None:
    assert "No HAProxy listens" in run(NAME)["msg"]
    assert "does not exist" in run(NAME, state="restored")["msg"]
    assert "cannot be used" in run(NAME, state="restored", state_file="/a b")["msg"]
