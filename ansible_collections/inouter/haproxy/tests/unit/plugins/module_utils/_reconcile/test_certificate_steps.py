# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: refusals in the middle, going back, and any world at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
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
    paths,
    steps,
)


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
