# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what is: which commands are sent, and what their answers become."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Unusable
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.observe import (
    Places,
    observe,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Observed,
    Runtime,
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import RuntimeApi
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import RuntimeSlot
from ansible_collections.inouter.haproxy.tests.unit.support.script import Script, kept_reply
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer

VERSION = ("show version", "3.2.26-1\n\n")
STATE = ("show servers state", kept_reply("3.2", "show_servers_state"))
EMPTY = "\n"
UNKNOWN = "Unknown map identifier. Please use #<id> or <file>.\n\n"
MISS = "type=str, case=sensitive, found=no\n\n"
HIT = 'type=str, case=sensitive, found=yes, idx=tree, key="x", value="pool_1", type="str"\n\n'


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(str(tmp_path), "/seen")


def look(tmp_path: Path, script: Script, scope: Scope = EVERYTHING, *pools: int) -> Observed:
    api = RuntimeApi(str(tmp_path / "s"))
    with LineServer(str(tmp_path / "s"), script):
        seen = observe(api, Places(str(tmp_path), "/seen"), scope, frozenset(pools))
    assert api.connections == 1
    script.end()
    return seen


def runtime(seen: Observed) -> Runtime:
    assert seen.runtime is not None
    return seen.runtime


def test_places(places: Places, tmp_path: Path) -> None:
    assert places.maps == (f"{tmp_path}/domains.map", f"{tmp_path}/wildcards.map")
    assert places.map_of("a.test") == places.exact
    assert places.map_of("*.a.test") == places.wildcard
    assert places.runtime_map(places.exact) == "/seen/domains.map"
    assert places.runtime_map_of("*.a.test") == "/seen/wildcards.map"
    assert places.pool_file(5) == f"{tmp_path}/pools/pool_5.cfg"


def test_the_entry_that_a_key_stands_for(places: Places) -> None:
    exact, wildcard = "/seen/domains.map", "/seen/wildcards.map"
    assert places.entry("a.test") == (exact, "a.test")
    assert places.entry("*.a.test") == (wildcard, "*.a.test")
    assert places.entry(f"a.test in {places.wildcard}") == (wildcard, "a.test")
    assert places.entry(f"*.a.test in {places.exact}") == (exact, "*.a.test")


def test_everything_is_read_in_one_connection(tmp_path: Path) -> None:
    exact = ("show map /seen/domains.map", "0x1 b.test pool_2\n0x2 a.test pool_1\n\n")
    wildcard = ("show map /seen/wildcards.map", "0x3 *.a.test pool_1\n\n")
    found = runtime(look(tmp_path, Script(VERSION, STATE, exact, wildcard)))
    assert found.version == (3, 2)
    assert found.routes == {"b.test": "pool_2", "a.test": "pool_1", "*.a.test": "pool_1"}
    assert found.references == {}
    assert found.others == {"/seen/domains.map": [], "/seen/wildcards.map": []}
    assert found.slots[1, 1] == RuntimeSlot(Server("127.0.0.1", 18081, 7), up=True, checked=True)
    assert found.slots[1, 3].server == FREE


def test_of_a_key_that_is_there_twice_the_first_entry_counts(tmp_path: Path) -> None:
    exact = ("show map /seen/domains.map", "0x1 a.test pool_1\n0x2 a.test pool_2\n\n")
    empty = ("show map /seen/wildcards.map", EMPTY)
    found = runtime(look(tmp_path, Script(VERSION, STATE, exact, empty)))
    assert found.routes == {"a.test": "pool_1"}
    place = "/seen/domains.map"
    assert found.references == {"a.test": [(place, "0x1"), (place, "0x2")]}


def test_a_key_in_the_wrong_map_is_no_route_of_that_domain(tmp_path: Path) -> None:
    exact = ("show map /seen/domains.map", "0x1 *.a.test pool_1\n\n")
    wildcard = ("show map /seen/wildcards.map", "0x2 *.a.test pool_2\n0x3 a.test pool_3\n\n")
    found = runtime(look(tmp_path, Script(VERSION, STATE, exact, wildcard)))
    assert found.routes["*.a.test"] == "pool_2"
    assert "a.test" not in found.routes
    assert len(found.routes) == 3


def test_a_scope_is_read_in_one_connection_and_no_more(tmp_path: Path) -> None:
    script = Script(
        VERSION,
        ("get map /seen/wildcards.map *.a.test", MISS),
        ("get map /seen/domains.map a.test", HIT),
        ("show servers state pool_1", kept_reply("3.2", "show_servers_state")),
        ("show servers state pool_9", "Can't find backend.\n\n"),
    )
    found = runtime(look(tmp_path, script, scope_of(["a.test", "*.a.test"], [1, 9]), 1, 9))
    assert found.routes == {"a.test": "pool_1"}
    assert found.references == {}
    assert (1, 1) in found.slots and (9, 1) not in found.slots


@pytest.mark.parametrize(
    ("scope", "script"),
    [
        (
            EVERYTHING,
            Script(
                VERSION,
                STATE,
                ("show map /seen/domains.map", UNKNOWN),
                ("show map /seen/wildcards.map", EMPTY),
            ),
        ),
        (scope_of(["a.test"]), Script(VERSION, ("get map /seen/domains.map a.test", UNKNOWN))),
    ],
)
def test_a_map_that_haproxy_lacks_is_said_with_its_path(
    tmp_path: Path, scope: Scope, script: Script
) -> None:
    with pytest.raises(Unusable, match=r"has no map /seen/domains\.map: Unknown map identifier"):
        look(tmp_path, script, scope)


@pytest.mark.parametrize("version", ["2.6.12-1+deb12u4", "2.7.9"])
def test_a_haproxy_that_is_too_old_is_refused(tmp_path: Path, version: str) -> None:
    script = Script(("show version", f"{version}\n\n"))
    with pytest.raises(Unusable, match=f"HAProxy {version.split('+')[0]}.* is too old"):
        look(tmp_path, script, scope_of())


def test_no_haproxy_is_no_runtime(tmp_path: Path, places: Places) -> None:
    seen = observe(RuntimeApi(str(tmp_path / "s")), places, EVERYTHING, frozenset())
    assert seen.runtime is None


def test_a_haproxy_that_is_silent_is_an_error(tmp_path: Path, places: Places) -> None:
    api = RuntimeApi(str(tmp_path / "s"), timeout=0.05)
    expected = pytest.raises(Unusable, match="did not answer")
    with LineServer(str(tmp_path / "s"), lambda line: None), expected:
        observe(api, places, EVERYTHING, frozenset())


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (EVERYTHING, {"domains.map", "wildcards.map", "pools/pool_1.cfg", "pools/pool_2.cfg"}),
        (scope_of(["a.test"]), {"domains.map", "pools/pool_1.cfg", "pools/pool_2.cfg"}),
        (scope_of(["*.a.test"]), {"wildcards.map", "pools/pool_1.cfg", "pools/pool_2.cfg"}),
        (scope_of(), {"pools/pool_1.cfg", "pools/pool_2.cfg"}),
    ],
)
def test_files_of_the_scope(tmp_path: Path, places: Places, scope: Scope, names: set[str]) -> None:
    (tmp_path / "pools").mkdir()
    (tmp_path / "pools/pool_1.cfg").write_bytes(b"one")
    (tmp_path / "domains.map").write_bytes(b"map")
    here = {"pools/pool_1.cfg": b"one", "domains.map": b"map"}
    api = RuntimeApi(str(tmp_path / "s"))
    seen = observe(api, places, scope, frozenset([1, 2]))
    assert seen.files == {f"{tmp_path}/{name}": here.get(name) for name in names}
