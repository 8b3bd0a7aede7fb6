# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: from whatever HAProxy and the files hold to what is wanted, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import file_name
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Refused
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import Scope
from ansible_collections.inouter.haproxy.tests.unit.support.secured_world import (
    ALL,
    EVERYTHING,
    FILE,
    NAMES,
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


def test_differences_tell_no_content() -> None:
    world = World(a=1, b=1)
    world.truth = {"a": 2, "c": 1}
    told = str(world.differences())
    assert FILE["a"] in told and FILE["c"] in told
    lines = [line for pem in PEM.values() for line in pem.decode().splitlines()]
    assert not any(line in told for line in lines)


def test_a_refused_commit_is_aborted() -> None:
    world = World()
    world.truth = {"a": 1}
    world.haproxy.refuse = lambda c: "inconsistencies\n\n" if c.startswith("commit") else None
    with pytest.raises(Refused, match="commit ssl cert"):
        world.converge(ONE)
    assert world.haproxy.log[:3] == steps("new", "set", "commit")
    assert world.haproxy.log[-1:] == steps("abort")
    assert world.haproxy.transactions == {}
    assert f"/certs/{FILE['a']}" not in world.files


def refuse_number(number: int) -> Callable[[str], str | None]:
    left = [number]

    def refuse(command: str) -> str | None:
        if command.startswith(("show", "get")):
            return None
        left[0] -= 1
        return "Not today.\n\n" if left[0] == 0 else None

    return refuse


def changing() -> World:
    """A world where `a` is to be renewed, `b` removed and `c` added."""
    world = World(a=1, b=1)
    world.converge()
    world.truth = {"a": 2, "c": 1}
    return world


CASES = [(scope, number) for scope in (ALL, EVERYTHING) for number in range(1, 9)]


@pytest.mark.parametrize(
    ("scope", "number"),
    CASES,
)
def test_whichever_command_is_refused_all_goes_back(scope: Scope, number: int) -> None:
    world = changing()
    held, before = world.held(), world.look(scope)
    world.haproxy.refuse = refuse_number(number)
    with pytest.raises(Refused, match="Not today"):
        world.converge(scope)
    world.go_back(before, scope)
    assert world.held() == held


def test_haproxy_could_start_at_any_time_while_all_goes_back() -> None:
    world = changing()
    before = world.look()
    world.haproxy.refuse = lambda c: "No.\n\n" if c.startswith("del ssl cert") else None
    with pytest.raises(Refused):
        world.converge()
    world.haproxy.refuse = lambda command: None
    world.go_back(before, EVERYTHING)


versions = st.dictionaries(st.sampled_from(NAMES), st.sampled_from((1, 2)))


@given(versions, versions, versions, st.lists(st.sampled_from(NAMES), max_size=4))
def test_any_world_becomes_what_is_wanted(
    there: Versions, truth: Versions, files: Versions, twice: list[str]
) -> None:
    world = World(**there)
    world.truth = {**truth}
    for name in twice:
        if name in there:
            world.hold(name, there[name])
    for name in {*files} & {*there, *truth}:
        world.put(f"/certs/{FILE[name]}", PEM[name, files[name]])
    world.converge()
    expect_runtime(world, truth)


def expect_runtime(world: World, truth: Versions) -> None:
    assert world.haproxy.serves() == {FILE[n]: SHA1[n, v] for n, v in truth.items()}
    for name, version in truth.items():
        assert world.files[f"/certs/{FILE[name]}"] == PEM[name, version]
    assert world.files[PLACES.crt_list] == crt_list.render(paths(truth))
    assert world.differences() == []


def test_the_names_of_files_are_those_of_the_model() -> None:
    assert FILE["a"] == file_name(("a.test", "ecdsa"))
