# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One document with all that is served."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.export import (
    document,
    document_page,
    export,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store import digest
from ansible_collections.inouter.haproxy.tests.unit.support.beside import once_before
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, fake


@pytest.fixture(autouse=True)
def served(instance: Instance) -> None:
    """Have domains and a certificate."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", DomainRequest("b.test", servers=[{"slot": 2, "ip": "10.0.0.1"}]))
    write(instance, "test", DomainRequest("a.test", share_with="b.test"))
    write(instance, "test", Bring(a=1))


def test_what_is_in_it(instance: Instance) -> None:
    server = {"slot": 2, "ip": "10.0.0.1", "http_port": 80, "weight": 1, "state": "ready"}
    found = document(instance, keys=False)
    assert found["settings"] == {"pool_count": 4, "pool_slots": 3}
    assert found["domains"] == [
        {"domain": "b.test", "pool": "pool_1", "servers": [server]},
        {"domain": "a.test", "share_with": "b.test"},
    ]
    (certificate,) = found["certificates"]
    assert (certificate["name"], certificate["key_type"]) == ("a.test", "ecdsa")
    assert "content" not in certificate


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_are_the_whole_document(instance: Instance, limit: int) -> None:
    whole = document(instance, keys=False)
    found: dict[str, list[object]] = {"domains": [], "certificates": []}
    cursor: str | None = "0"
    while cursor is not None:
        page = document_page(instance, int(cursor), limit)
        assert (page["total"], page["generation"], page["settings"]) == (3, 5, whole["settings"])
        assert len(page["domains"] + page["certificates"]) <= limit
        for name, items in found.items():
            items += page[name]
        cursor = page["next_cursor"]
    assert {"settings": whole["settings"], **found} == whole


def test_keys_on_request(instance: Instance) -> None:
    (certificate,) = document(instance, keys=True)["certificates"]
    assert certificate["content"].encode() == fake("a.test")[1]
    Path(instance.paths.certs, "a.test.ecdsa.pem").unlink()
    with pytest.raises(HaproxyError, match="export without keys"):
        document(instance, keys=True)
    document(instance, keys=False)


def test_a_file_for_its_owner_alone(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert export(instance, "test", str(path), True, check_mode=True).changed
    assert not path.exists()
    path.write_text("older")
    path.chmod(0o644)
    assert export(instance, "test", str(path), True, check_mode=False).changed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == document(instance, keys=True)
    assert not export(instance, "test", str(path), True, check_mode=False).changed


def test_a_folder_that_is_not_there(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^dest: '/no/x' is in no folder"):
        export(instance, "test", "/no/x", False, check_mode=False)


def test_a_write_beside_it_is_not_seen_by_half(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = document_page(instance)
    request = DomainRequest("c.test", ip="10.0.0.2")
    once_before(monkeypatch, digest, "of_rows", lambda: write(instance, "other", request))
    assert document_page(instance) == before
    assert document_page(instance)["generation"] == before["generation"] + 1


def test_its_generation_is_that_of_the_document(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def and_then_another_write(action: str) -> Iterator[None]:
        with lock(action):
            yield
        monkeypatch.undo()
        write(instance, "other", DomainRequest("c.test", ip="10.0.0.2"))

    lock = instance.lock
    monkeypatch.setattr(instance, "lock", and_then_another_write)
    assert export(instance, "test", str(tmp_path / "x.json"), False, False).generation == 5
    assert document_page(instance)["generation"] == 6
