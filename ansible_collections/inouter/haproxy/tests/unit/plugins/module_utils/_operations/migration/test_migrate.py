# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over what the original system left, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Conflict,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.migrate import (
    migrate,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state import whole
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support.killed import (
    NEW,
    killed_after_a_write,
)
from ansible_collections.inouter.haproxy.tests.unit.support.pki import issued
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Give a folder with what was left."""
    made = tmp_path / "left"
    made.mkdir()
    (made / "domains.map").write_text("a.test pool_3\n")
    (made / "servers.json").write_text(json.dumps({"a.test": {"1": {"ip": "10.0.0.1"}}}))
    return made


@pytest.fixture
def blank(tmp_path: Path) -> Instance:
    """Give a host with no instance."""
    return Instance(str(tmp_path / "new"), lock_timeout=0)


def take(instance: Instance, src: Path, check_mode: bool = False, force: bool = False) -> Outcome:
    """Migrate."""
    return migrate(instance, "test", {"src": str(src), "force": force}, check_mode)


def held(instance: Instance) -> whole.Whole:
    """What the database holds."""
    with instance.store() as store:
        return whole.read(store)


def test_a_host_with_no_instance(blank: Instance, left: Path) -> None:
    checked = take(blank, left, check_mode=True)
    assert checked.changed and not Path(blank.paths.base).exists()
    outcome = take(blank, left)
    assert outcome.described == checked.described
    assert held(blank).domains == {"a.test": Domain("a.test", 3)}
    assert not take(blank, left).changed
    assert (Path(blank.paths.data) / "migrated/servers.json").exists()


def test_an_instance_that_is_there(instance: Instance, left: Path) -> None:
    write(instance, "test", DomainRequest("own.test", ip="10.0.0.9"))
    before = everything(instance)
    assert take(instance, left, check_mode=True).changed
    assert everything(instance) == before
    take(instance, left)
    assert set(held(instance).domains) == {"a.test", "own.test"}
    write(instance, "test", DomainRequest("a.test", present=False))
    outcome = take(instance, left)
    assert (outcome.changed, outcome.described) == (False, {"entries": []})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (DomainRequest("a.test", ip="10.0.0.9"), "This instance has it in pool_1."),
        (DomainRequest("b.test", ip="10.0.0.9", pool="pool_3"), "pool_3 serves b.test on this"),
    ],
)
def test_what_the_instance_serves_itself_stays(
    instance: Instance, left: Path, request_: Any, words: str
) -> None:
    write(instance, "test", request_)
    before = everything(instance)
    with pytest.raises(Conflict, match=f"Nothing was changed, .*{words}"):
        take(instance, left)
    assert everything(instance) == before
    right = held(instance)
    take(instance, left, force=True)
    assert held(instance) == right


def test_other_servers_than_the_instance_has(instance: Instance, left: Path) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.5.5.5", pool="pool_3"))
    with pytest.raises(Conflict, match="this instance, pool_3: It has other servers on this"):
        take(instance, left)
    take(instance, left, force=True)
    assert held(instance).pools[3][1].ip == "10.5.5.5"


@pytest.mark.parametrize("force", [False, True])
def test_it_is_done_once_whatever_force_says(instance: Instance, left: Path, force: bool) -> None:
    take(instance, left)
    write(instance, "test", DomainRequest("a.test", ip="10.5.5.5"))
    Path(instance.paths.certs, "later.test.pem").write_text("secret")
    before = everything(instance), held(instance)
    outcome = take(instance, left, force=force)
    assert (outcome.changed, outcome.described) == (False, {"entries": []})
    assert (everything(instance), held(instance)) == before
    assert not (Path(instance.paths.data) / "migrated/certs/later.test.pem").exists()


@pytest.mark.parametrize("in_place", [True, False])
def test_what_the_original_wrote_last(blank: Instance, left: Path, in_place: bool) -> None:
    (left / "servers.json").unlink()
    if in_place:
        Path(blank.paths.base).mkdir()
        left = left.rename(blank.paths.conf)
    killed_after_a_write(left)
    before = {path.name: path.read_bytes() for path in left.iterdir()}
    checked = take(blank, left, check_mode=True)
    assert {path.name: path.read_bytes() for path in left.iterdir()} == before
    assert take(blank, left).described == checked.described
    assert held(blank).pools[3][1].ip == NEW
    kept = Path(blank.paths.data) / ("migrated" if in_place else "../../left")
    assert before == {path.name: path.read_bytes() for path in kept.iterdir() if path.is_file()}


def test_certificates(instance: Instance, left: Path) -> None:
    (left / "certificates.json").write_text('["a.test", "gone.test"]')
    with pytest.raises(Conflict, match="serves no HTTPS"):
        take(instance, left)
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    Path(instance.paths.certs, "a.test.pem").write_text(issued("a.test").combined)
    with pytest.raises(Conflict, match="gone.test: gone.test.pem: .* has no CERTIFICATE block"):
        take(instance, left)
    assert Path(instance.paths.certs, "a.test.pem").exists()
    take(instance, left, force=True)
    assert list(held(instance).certificates) == [("a.test", "ecdsa")]
    assert (Path(instance.paths.data) / "migrated/certs/a.test.pem").exists()


def test_nothing_to_take_over(blank: Instance, tmp_path: Path) -> None:
    with pytest.raises(HaproxyError, match="there is nothing to take over"):
        take(blank, tmp_path / "none")
