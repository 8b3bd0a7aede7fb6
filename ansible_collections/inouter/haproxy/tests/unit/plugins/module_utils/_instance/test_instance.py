# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One managed HAProxy: where its things are, and what should be in a scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import (
    Instance,
    all_routes,
    pools_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    StoreProblem,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain

ONE = Server("10.0.0.1")
SETTINGS = Settings(4, 3)


def test_everything_lies_below_base_dir() -> None:
    paths = Instance("/opt/edge/").paths
    assert vars(paths) == {
        "base": "/opt/edge",
        "conf": "/opt/edge/conf",
        "run": "/opt/edge/run",
        "data": "/opt/edge/data",
        "certs": "/opt/edge/certs",
        "config": "/opt/edge/conf/haproxy.cfg",
        "pools": "/opt/edge/conf/pools",
        "kept": "/opt/edge/data/certificates",
        "backups": "/opt/edge/data/backups",
        "database": "/opt/edge/conf/haproxy_mcp.db",
        "lock": "/opt/edge/run/inouter.lock",
        "admin_socket": "/opt/edge/run/admin.sock",
        "master_socket": "/opt/edge/run/master.sock",
    }


@pytest.mark.parametrize("base_dir", ["", "opt/haproxy", "./opt", "/opt/ha proxy", "/opt;x"])
def test_other_folders_are_refused(base_dir: str) -> None:
    with pytest.raises(InvalidInput, match="^base_dir: "):
        Instance(base_dir)


@pytest.mark.parametrize(
    ("runtime_api", "shown"),
    [
        ("", "/opt/edge/run/admin.sock"),
        ("/run/other.sock", "/run/other.sock"),
        ("127.0.0.1:9999", "127.0.0.1:9999"),
    ],
)
def test_the_runtime_address(runtime_api: str, shown: str) -> None:
    assert str(Instance("/opt/edge", runtime_api).api) == shown


def test_a_bad_runtime_address_is_refused() -> None:
    with pytest.raises(InvalidInput, match="^runtime_api: 'nowhere' "):
        Instance("/opt/edge", "nowhere")


def test_a_host_that_is_not_set_up(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreProblem, match="There is no database at"),
        Instance(str(tmp_path)).store(),
    ):
        pass


@pytest.mark.parametrize(
    ("haproxy_conf", "seen"), [("", "/opt/edge/conf"), ("/usr/local/etc", "/usr/local/etc")]
)
def test_places_as_haproxy_names_them(haproxy_conf: str, seen: str) -> None:
    places = Instance("/opt/edge").places(Settings(haproxy_conf=haproxy_conf))
    assert places.exact == "/opt/edge/conf/domains.map"
    assert places.runtime_map(places.exact) == f"{seen}/domains.map"


@pytest.mark.parametrize(
    ("scope", "pools"),
    [(EVERYTHING, {1, 2, 3, 4}), (scope_of([], [2, 9]), {2, 9}), (scope_of(), set())],
)
def test_pools_of(scope: Scope, pools: set[int]) -> None:
    assert pools_of(scope, SETTINGS) == pools


def test_wanted_in_a_scope(instance: Instance) -> None:
    with instance.store() as store:
        store.put_domain(Domain("a.test", 1))
        store.put_domain(Domain("b.test", 2))
        store.put_servers(1, {2: ONE})
        wanted = instance.wanted(store, SETTINGS, scope_of(["a.test", "no.test"], [1]))
        assert wanted.routes == {"a.test": "pool_1"}
        assert wanted.slots == {(1, 1): FREE, (1, 2): ONE, (1, 3): FREE}
        assert wanted.pool_files == {1: pool_file.render(1, {2: ONE}, 3)}
        assert list(wanted.all_routes()) == [("a.test", "pool_1"), ("b.test", "pool_2")]


def test_wanted_of_everything(instance: Instance) -> None:
    with instance.store() as store:
        store.put_domain(Domain("b.test", 2))
        store.put_domain(Domain("*.a.test", 1))
        wanted = instance.wanted(store, SETTINGS, EVERYTHING)
        assert (
            wanted.routes == dict(all_routes(store)) == {"*.a.test": "pool_1", "b.test": "pool_2"}
        )
        assert (len(wanted.slots), len(wanted.pool_files)) == (12, 4)


def test_observe_a_haproxy_that_does_not_run(instance: Instance) -> None:
    seen = instance.observe(SETTINGS, EVERYTHING)
    assert seen.runtime is None
    assert len(seen.files) == 6
