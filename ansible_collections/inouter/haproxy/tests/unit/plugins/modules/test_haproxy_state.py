# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_state: what differs from the database is put right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model import x509
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

from .conftest import Run

NAME = "haproxy_state"


def test_nothing_differs(run: Run, instance: Instance) -> None:
    before = everything(instance)
    result = run(NAME)
    assert (result["changed"], result["persisted"], result["applied"]) == (False, True, False)
    assert (result["differences"], result["diff"]) == ([], [])
    assert everything(instance) == before


def test_files_are_put_right(run: Run, instance: Instance) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    before = files(instance)
    Path(instance.paths.pools, "pool_1.cfg").write_text("broken\n")
    Path(instance.paths.conf, "domains.map").unlink()
    result = run(NAME)
    assert [(d["side"], d["kind"]) for d in result["differences"]] == [
        ("files", "pool_file"),
        ("files", "map_file"),
    ]
    assert files(instance) == before
    assert not run(NAME)["changed"]


def test_haproxy_is_put_right(run: Run, instance: Instance, simulated: Simulated) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    simulated.execute("set server pool_1/pool_1_1 state drain")
    simulated.execute(f"del map {instance.paths.conf}/domains.map a.test")
    result = run(NAME)
    assert [d["name"] for d in result["differences"]] == ["a.test", "pool_1_1"]
    assert (result["changed"], result["verified"]) == (True, True)
    assert simulated.slots[1, 1].status == "UP"


def test_check_mode_tells_and_changes_nothing(
    run: Run, instance: Instance, simulated: Simulated
) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    simulated.execute("set server pool_1/pool_1_1 state drain")
    Path(instance.paths.pools, "pool_2.cfg").unlink()
    simulated.log.clear()
    before = everything(instance)
    result = run(NAME, check=True)
    assert [(d["side"], d["name"]) for d in result["differences"]] == [
        ("runtime", "pool_1_1"),
        ("files", "2"),
    ]
    assert (result["changed"], result["persisted"]) == (True, False)
    assert (everything(instance), simulated.log) == (before, [])


def test_errors(run: Run, instance: Instance) -> None:
    assert run(NAME, state="diverged")["failed"]
    with instance.lock("haproxy_domain"):
        result = run(NAME)
    assert result["failed"] and "by haproxy_domain of" in result["msg"]


def test_back_and_forth(run: Run, instance: Instance) -> None:
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    before = files(instance)
    result = run(NAME, state="rolled_back", generation=1)
    assert (result["changed"], result["rolled_back_to"]) == (True, 1)
    assert "a.test" not in files(instance)["domains.map"].decode()
    run(NAME, state="rolled_back", generation=2)
    assert files(instance) == before


def test_what_a_state_needs(run: Run) -> None:
    assert "generation" in run(NAME, state="rolled_back")["msg"]
    assert "dest" in run(NAME, state="exported")["msg"]
    assert "either document or src" in run(NAME, state="imported")["msg"]


def test_a_key_is_not_told(run: Run) -> None:
    certificate = {"name": "a.test", "key_type": "ecdsa", "content": "VERYSECRET"}
    given = {"domains": [], "certificates": [certificate]}
    result = run(NAME, state="imported", document=given)
    assert result["failed"] and "VERYSECRET" not in str(result)


CONTENT = [{"name": "a.test", "key_type": "ecdsa", "content": "PEM"}]


@pytest.mark.parametrize(
    "document",
    [
        {"domains": [], "certificates": CONTENT},
        {"domains": [{"domain": "a.test", "certificates": [{"content": "PEM"}]}]},
    ],
)
def test_the_library_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]
) -> None:
    monkeypatch.setattr(x509, "IMPORT_ERROR", "Traceback: no module")
    result = run(NAME, state="imported", document=document)
    assert result["failed"] and "cryptography" in result["msg"]
    kept = [{**CONTENT[0], "content": None}]
    without = {"domains": [{"domain": "a.test", "ip": "::1"}], "certificates": kept}
    assert "failed" not in run(NAME, state="imported", document=without)


@pytest.mark.parametrize("state", ["adopted", "migrated"])
def test_the_library_is_missing_for_files(
    run: Run, instance: Instance, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(x509, "IMPORT_ERROR", "Traceback: no module")
    assert "failed" not in run(NAME, state=state)
    Path(instance.paths.certs, "a.test.pem").write_text("PEM")
    result = run(NAME, state=state)
    assert result["failed"] and "cryptography" in result["msg"]
    assert "failed" not in run(NAME)


def test_a_lost_certificate_is_named(run: Run, instance: Instance) -> None:
    """Nothing can be changed about it, so the task tells of it each time and does not fail."""
    run("haproxy_instance", https="127.0.0.1:443")
    write(instance, "test", Bring(a=1))
    Path(instance.paths.certs, "a.test.ecdsa.pem").write_text("broken")
    run(NAME)
    result = run(NAME)
    assert (result["changed"], result["persisted"], result["verified"]) == (False, False, False)
    assert [(view["name"], view["files"]) for view in result["lost"]] == [
        ("a.test.ecdsa.pem", "damaged")
    ]
    assert "a.test.ecdsa.pem is damaged" in str(result["warnings"])
