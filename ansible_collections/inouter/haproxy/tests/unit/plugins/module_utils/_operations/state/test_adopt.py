# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking what runs into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Conflict
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.certificate import (
    PutCertificates,
    Source,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state import whole
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.adopt import adopt
from ansible_collections.inouter.haproxy.tests.unit.support.pki import issued
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything, files

OPTIONS = {"prune_limit": 20, "force": False}


def take(instance: Instance, check_mode: bool = False, **options: Any) -> Outcome:
    """Adopt."""
    return adopt(instance, "test", {**OPTIONS, **options}, check_mode)


@pytest.fixture(autouse=True)
def domains(instance: Instance, simulated: Simulated) -> None:
    """Have two domains."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.2"))


def held(instance: Instance) -> whole.Whole:
    """What the database holds."""
    with instance.store() as store:
        return whole.read(store)


def domains_map(instance: Instance) -> str:
    """HAProxy's name of the map."""
    return f"{instance.paths.conf}/domains.map"


def test_nothing_to_take(instance: Instance) -> None:
    outcome = take(instance)
    assert not outcome.changed
    counts = {"domains": 2, "servers": 2, "certificates": 0}
    assert outcome.described == {"adopted": counts, "left_out": []}


def test_what_was_changed_by_hand(instance: Instance, simulated: Simulated) -> None:
    simulated.execute(f"add map {domains_map(instance)} c.test pool_2")
    simulated.execute("set server pool_1/pool_1_1 weight 7")
    simulated.log.clear()
    before = everything(instance)
    checked = take(instance, check_mode=True)
    assert (everything(instance), simulated.log) == (before, [])
    outcome = take(instance)
    assert checked.rows == outcome.rows and simulated.log == []
    assert held(instance).domains["c.test"].share_with == "b.test"
    assert held(instance).pools[1][1].weight == 7
    assert b"c.test pool_2" in files(instance)["domains.map"]


def test_what_cannot_be_stored(instance: Instance, simulated: Simulated) -> None:
    simulated.execute(f"add map {domains_map(instance)} c.test static")
    before = everything(instance)
    with pytest.raises(Conflict, match="c.test is routed to static.* force=true"):
        take(instance)
    assert everything(instance) == before
    assert len(take(instance, force=True).described["left_out"]) == 1


def test_an_empty_map_takes_no_domain_away(instance: Instance, simulated: Simulated) -> None:
    for name in ("a.test", "b.test"):
        simulated.execute(f"del map {domains_map(instance)} {name}")
    with pytest.raises(Conflict, match="2 of the 2 domains in the database do not run, such as a"):
        take(instance)
    assert len(held(instance).domains) == 2
    take(instance, prune_limit=100)
    assert held(instance).domains == {}


def test_a_database_that_is_gone(instance: Instance) -> None:
    before = files(instance), held(instance)
    Path(instance.paths.database).unlink()
    assert take(instance, check_mode=True).changed
    assert not Path(instance.paths.database).exists()
    assert take(instance).generation == 4
    assert (files(instance), held(instance)) == before


@pytest.fixture
def stopped(instance: Instance) -> Instance:
    """Give the instance with a certificate, its HAProxy stopped and its database lost."""
    made = Instance(instance.paths.base, "/none.sock")
    set_up(made, {"https": "127.0.0.1:443"}, check_mode=False)
    source = Source(content=issued("a.test", "*.a.test").combined)
    write(made, "test", PutCertificates([source]))
    Path(made.paths.database).unlink()
    return made


def replaced(instance: Instance) -> dict[str, bytes]:
    """The certificates' files that were kept for good."""
    found = Path(instance.paths.data, "replaced").rglob("*.pem")
    return {path.name: path.read_bytes() for path in found}


def test_certificates_from_the_files(stopped: Instance) -> None:
    assert take(stopped).described["adopted"]["certificates"] == 1
    assert list(held(stopped).certificates) == [("a.test", "ecdsa")]
    assert replaced(stopped) == {}


def test_a_file_that_cannot_be_read(stopped: Instance) -> None:
    damaged = Path(stopped.paths.certs, "a.test.ecdsa.pem")
    content = damaged.read_bytes().replace(b"PRIVATE KEY-----\n", b"PRIVATE KEY-----\nAAAA", 1)
    damaged.write_bytes(content)
    before = files(stopped)
    with pytest.raises(Conflict, match="a.test.ecdsa.pem: .* is not a key.* force=true"):
        take(stopped)
    assert (files(stopped), damaged.read_bytes()) == (before, content)
    outcome = take(stopped, force=True)
    assert outcome.described["adopted"]["certificates"] == 0
    assert [text.partition(":")[0] for text in outcome.described["left_out"]] == [damaged.name]
    assert not damaged.exists() and replaced(stopped) == {damaged.name: content}


def test_two_files_of_one_certificate(stopped: Instance) -> None:
    other = Path(stopped.paths.certs, "b.pem")
    other.write_text(issued("a.test", serial=1).combined)
    with pytest.raises(Conflict, match="b.pem: another file has a certificate for a.test already"):
        take(stopped)
    take(stopped, force=True)
    assert held(stopped).certificates["a.test", "ecdsa"].domains == "*.a.test a.test"
    assert replaced(stopped) == {"b.pem": issued("a.test", serial=1).combined.encode()}
