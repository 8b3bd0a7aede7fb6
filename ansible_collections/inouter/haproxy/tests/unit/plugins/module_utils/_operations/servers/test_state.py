# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers to and from a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    NotRunning,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.state import (
    RestoreServers,
    save,
    servers_of,
)
from ansible_collections.inouter.haproxy.tests.unit.support.script import VERSIONS, kept_reply
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything


@pytest.fixture
def file(instance: Instance) -> str:
    """Give the path of the file."""
    return f"{instance.paths.data}/servers.state"


def add(instance: Instance, name: str, ip: str) -> None:
    """Add a domain with one server."""
    write(instance, "test", DomainRequest(name, ip=ip))


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_real_versions(version: str) -> None:
    found = servers_of(kept_reply(version, "show_servers_state"))
    assert sorted(found) == [1, 2] and sorted(found[1]) == [1, 2]


def test_saved(instance: Instance, simulated: Simulated, file: str) -> None:
    add(instance, "a.test", "10.0.0.1")
    checked = save(instance, file, check_mode=True)
    assert checked["changed"] and not Path(file).exists()
    done = save(instance, file)
    assert (done["changed"], done["server_count"], done["state_file"]) == (True, 1, file)
    assert done["diff"] == checked["diff"]
    assert done["diff"]["after"] == "pool_1_1: 10.0.0.1:80 weight 1 ready\n"
    assert "pool_1_1" in Path(file).read_text()
    assert not save(instance, file)["changed"]


@pytest.mark.parametrize("held", ["", "1\n# be_id be_name srv_id\n1 pool_1 1 pool_1_1 10.0"])
def test_an_empty_or_cut_file_is_written_over(
    instance: Instance, simulated: Simulated, file: str, held: str
) -> None:
    add(instance, "a.test", "10.0.0.1")
    Path(file).write_text(held)
    assert save(instance, file)["changed"]
    assert "10.0.0.1" in Path(file).read_text()


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_file_of_something_else_stays(
    instance: Instance, simulated: Simulated, file: str, check_mode: bool
) -> None:
    Path(file).write_text("root:x:0:0:root:/root:/bin/bash\n")
    with pytest.raises(InvalidInput, match="holds no servers' state"):
        save(instance, file, check_mode=check_mode)
    assert Path(file).read_text() == "root:x:0:0:root:/root:/bin/bash\n"


def test_without_haproxy_there_is_nothing_to_save(instance: Instance, file: str) -> None:
    with pytest.raises(NotRunning):
        save(instance, file)
    assert not Path(file).exists()


def test_restored(instance: Instance, simulated: Simulated, file: str) -> None:
    add(instance, "a.test", "10.0.0.1")
    save(instance, file)
    write(instance, "test", ServerRequest("a.test", "drain", slot=1, ip="10.0.0.2", weight=7))
    outcome = write(instance, "test", RestoreServers(file))
    assert outcome.changed and outcome.verified
    assert outcome.described == {"state_file": file, "server_count": 1}
    with instance.store() as store:
        (server,) = store.servers(1).values()
    assert tuple(server) == ("10.0.0.1", 80, 1, "ready")
    assert not write(instance, "test", RestoreServers(file)).changed


def test_a_pool_that_was_free_keeps_what_it_has_now(
    instance: Instance, simulated: Simulated, file: str
) -> None:
    add(instance, "a.test", "10.0.0.1")
    save(instance, file)
    add(instance, "b.test", "10.0.0.2")
    before = everything(instance)
    assert not write(instance, "test", RestoreServers(file)).changed
    assert everything(instance) == before


def test_a_pool_that_is_free_by_now_stays_free(
    instance: Instance, simulated: Simulated, file: str
) -> None:
    add(instance, "a.test", "10.0.0.1")
    save(instance, file)
    write(instance, "test", DomainRequest("a.test", present=False))
    assert not write(instance, "test", RestoreServers(file)).changed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist. Name one that state=saved has written"),
        ("nothing of the kind", "holds no servers' state"),
        ("slot", "slot: 4 is out of range"),
        ("address", "'0.0.0.0' is not the address of one host"),
        ("weight", "srv_uweight: 257 is out of range"),
        ("whole", "has a line that is not whole"),
    ],
)
def test_bad_files(
    instance: Instance, simulated: Simulated, file: str, content: str | None, words: str
) -> None:
    add(instance, "a.test", "10.0.0.1")
    save(instance, file)
    text = Path(file).read_text()
    bad = {
        "slot": text.replace(" pool_1_1 ", " pool_1_4 "),
        "address": text.replace("10.0.0.1", "0.0.0.0"),
        "weight": re.sub(r"(pool_1_1 \S+ \d \d+) 1 ", r"\1 257 ", text),
        "whole": re.sub(r"(pool_1_1 \S+) .*", r"\1", text),
    }
    Path(file).unlink()
    if content is not None:
        Path(file).write_text(bad.get(content, content))
        assert content not in bad or bad[content] != text
    before = everything(instance)
    with pytest.raises(InvalidInput, match=words):
        write(instance, "test", RestoreServers(file))
    assert everything(instance) == before


def test_a_path_that_is_not_absolute(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="state_file: 'servers.state' cannot be used"):
        save(instance, "servers.state")
