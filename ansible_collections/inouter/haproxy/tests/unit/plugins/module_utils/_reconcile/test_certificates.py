# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: from whatever HAProxy and the files hold to what is wanted, and back."""

from __future__ import annotations

from typing import Optional

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import file_name
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import certificates
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import Scope
from ansible_collections.inouter.haproxy.tests.unit.support.secured_world import (
    EVERYTHING,
    FILE,
    ONE,
    PEM,
    PLACES,
    SHA1,
    Versions,
    World,
    expect,
    paths,
    steps,
)

Lost = tuple[str, str, Optional[str]]


@pytest.mark.parametrize("scope", [EVERYTHING, ONE])
@pytest.mark.parametrize(
    ("before", "after", "commands"),
    [
        ({"b": 1}, {"a": 1, "b": 1}, steps("new", "set", "commit", "add")),
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, steps("set", "commit")),
        ({"a": 1, "b": 1}, {"b": 1}, steps("take", "forget")),
        ({"a": 1}, {"a": 1}, []),
        ({}, {}, []),
    ],
)
def test_one_certificate(
    scope: Scope, before: Versions, after: Versions, commands: list[str]
) -> None:
    world = World(**before)
    world.converge()
    world.truth = {**after}
    assert world.converge(scope) == commands
    expect(world, after)
    assert world.converge(scope) == []


@pytest.mark.parametrize("scope", [EVERYTHING, ONE])
@pytest.mark.parametrize("damage", [None, b"", b"x", PEM["a", 2], PEM["a", 1][:-40]])
def test_a_damaged_file_is_written_again(scope: Scope, damage: bytes | None) -> None:
    world = World(a=1)
    world.converge()
    if damage is None:
        del world.files[f"/certs/{FILE['a']}"]
    else:
        world.put(f"/certs/{FILE['a']}", damage)
    world.converge(scope)
    expect(world, {"a": 1})


@pytest.mark.parametrize("scope", [EVERYTHING, ONE])
def test_of_an_entry_that_is_there_twice_one_goes(scope: Scope) -> None:
    world = World(a=1)
    world.hold("a", 1, times=2)
    assert world.converge(scope) == steps("take", line=2) + steps("take", line=3)
    world.converge()
    expect(world, {"a": 1})


def test_an_unknown_certificate_in_memory_goes_where_all_is_looked_at() -> None:
    world = World(a=1)
    world.haproxy.hold(f"/seen/certs/{FILE['b']}", PEM["b", 1], times=2)
    world.haproxy.certs[f"/seen/certs/{FILE['c']}"] = ""
    assert world.converge(ONE) == []
    assert len(world.haproxy.listed) == 3
    world.converge()
    expect(world, {"a": 1})


def test_what_is_kept_elsewhere_is_not_ours() -> None:
    world = World(a=1)
    world.haproxy.certs["/etc/other.pem"] = PEM["b", 1].decode()
    world.converge()
    assert "/etc/other.pem" in world.haproxy.certs


def test_an_entry_from_another_folder_goes() -> None:
    """Only its name is that of one of ours."""
    world = World(a=1)
    world.converge()
    foreign = f"/elsewhere/{FILE['a']}"
    world.haproxy.hold(foreign, PEM["a", 2], times=1)
    (command,) = world.converge()
    assert command.startswith(f"del ssl crt-list /seen/certs.crtlist {foreign}:")
    del world.haproxy.certs[foreign]
    expect(world, {"a": 1})


def test_an_unknown_file_goes_though_no_list_names_it() -> None:
    world = World(a=1)
    world.put(f"/certs/{FILE['b']}", PEM["b", 1])
    world.converge()
    expect(world, {"a": 1})


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_cut_off_write_left_in_memory_is_completed(begun: bool) -> None:
    world = World()
    path = f"/seen/certs/{FILE['a']}"
    world.haproxy.certs[path] = ""
    if begun:
        world.haproxy.transactions[path] = "x"
    world.truth = {"a": 1}
    assert world.converge(ONE) == steps("set", "commit", "add")
    world.converge()
    expect(world, {"a": 1})
    assert world.haproxy.transactions == {}


def test_a_restart_loses_what_only_memory_had() -> None:
    world = World(a=1, b=1)
    world.converge()
    world.haproxy.start(None, {})
    world.converge()
    expect(world, {"a": 1, "b": 1})
    files = {path.rpartition("/")[2]: content for path, content in world.files.items()}
    world.haproxy.start(world.files[PLACES.crt_list], files)
    assert world.converge() == []


@pytest.mark.parametrize("listens", [False, True])
def test_without_https_the_files_are_enough(listens: bool) -> None:
    world = World()
    world.haproxy.path = "/another"
    world.haproxy.running = listens
    world.truth = {"a": 1}
    assert world.converge(ONE) == []
    assert world.files[f"/certs/{FILE['a']}"] == PEM["a", 1]
    seen = world.look(ONE).runtime
    assert (seen is not None) == listens
    assert seen is None or seen.certificates is None


def test_a_lost_certificate_is_served_on_but_not_listed() -> None:
    """HAProxy could not start from a list that names it."""
    world = World(a=1, b=1)
    world.truth["a"] = None
    assert world.converge() == []
    assert world.files[PLACES.crt_list] == crt_list.render(paths("b"))
    assert world.haproxy.serves() == {FILE["a"]: SHA1["a", 1], FILE["b"]: SHA1["b", 1]}
    assert lost_of(world) == [("files", FILE["a"], "damaged")]


@pytest.mark.parametrize(
    ("held", "more"),
    [("a", []), ("b", [("runtime", FILE["a"], None)]), (None, [])],
)
def test_where_a_lost_certificate_is_not(held: str | None, more: list[Lost]) -> None:
    """HAProxy has it, lacks it, or does not run."""
    world = World(a=1) if held == "a" else World(b=1)
    world.truth["a"] = None
    world.haproxy.running = held is not None
    world.files.pop(f"/certs/{FILE['a']}", None)
    assert lost_of(world) == [("files", FILE["a"], "missing"), *more]


def lost_of(world: World) -> list[Lost]:
    wanted, observed = world.wanted(EVERYTHING).certificates, world.look(EVERYTHING)
    assert wanted is not None
    found = certificates.lost(wanted, observed, PLACES.certs)
    assert {d.kind for d in found} == {"certificate"}
    return [(d.side, d.name, d.before) for d in found]


def test_differences_tell_no_content() -> None:
    world = World(a=1, b=1)
    world.truth = {"a": 2, "c": 1}
    told = str(world.differences())
    assert FILE["a"] in told and FILE["c"] in told
    lines = [line for pem in PEM.values() for line in pem.decode().splitlines()]
    assert not any(line in told for line in lines)


def test_the_names_of_files_are_those_of_the_model() -> None:
    assert FILE["a"] == file_name(("a.test", "ecdsa"))
