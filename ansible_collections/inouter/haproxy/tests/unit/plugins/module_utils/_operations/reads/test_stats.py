# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy counts, as modules return it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    NotRunning,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.stats import (
    read_statistics,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import RuntimeApi
from ansible_collections.inouter.haproxy.tests.unit.support.script import (
    VERSIONS,
    Script,
    kept_reply,
)
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer


@pytest.mark.parametrize("version", VERSIONS)
def test_statistics_of_real_versions(tmp_path: Path, version: str) -> None:
    names = ("show_info", "show_stat", "show_servers_state")
    script = Script(*((name.replace("_", " "), kept_reply(version, name)) for name in names))
    api = RuntimeApi(str(tmp_path / "s"))
    with LineServer(str(tmp_path / "s"), script):
        found = read_statistics(api)
    assert api.connections == 1
    assert found["process"]["Name"] == "HAProxy"
    assert [row["pxname"] for row in found["frontends"]] == ["http"]
    assert [row["pxname"] for row in found["backends"]] == ["unknown", "pool_1", "pool_2"]
    assert [row["svname"] for row in found["servers"]] == ["pool_1_1", "pool_1_2", "pool_2_1"]
    assert found["connections"] == {"pool_1_1": 0, "pool_1_2": 0, "pool_2_1": 0}


def test_no_haproxy(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="No HAProxy listens"):
        read_statistics(RuntimeApi(str(tmp_path / "s")))


def test_an_old_haproxy_is_refused(tmp_path: Path) -> None:
    script = Script(
        ("show info", "Name: HAProxy\nVersion: 2.6.12\n\n"),
        ("show stat", "# pxname,svname,type,\n\n"),
        ("show servers state", "1\n\n"),
    )
    with LineServer(str(tmp_path / "s"), script), pytest.raises(Unusable, match="is too old"):
        read_statistics(RuntimeApi(str(tmp_path / "s")))
