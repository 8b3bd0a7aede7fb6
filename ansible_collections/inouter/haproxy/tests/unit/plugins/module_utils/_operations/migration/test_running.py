# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs beside what the files say."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.files import (
    DOMAIN,
    SERVER,
    Found,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.running import (
    compare_running,
    settings_of_running,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.truth import (
    Legacy,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated


@pytest.fixture
def legacy() -> Legacy:
    """Give what the files say."""
    made = Legacy()
    made.add([Found("x", "a.test", DOMAIN, {"domain": "a.test", "pool": "pool_2"})])
    made.add([Found("x", "s", SERVER, {"owner": "a.test", "slot": 1, "ip": "10.0.0.1"})])
    made.close()
    return made


@pytest.fixture
def runs(instance: Instance, simulated: Simulated) -> Simulated:
    """Give a HAProxy that runs as they say."""
    simulated.execute(f"add map {instance.paths.conf}/domains.map a.test pool_2")
    simulated.execute("set server pool_2/pool_2_1 addr 10.0.0.1 port 80")
    simulated.execute("set server pool_2/pool_2_1 state ready")
    return simulated


def compare(instance: Instance, legacy: Legacy) -> list[tuple[str, str]]:
    """What is unclear after it."""
    compare_running(instance, Settings(4, 3), legacy)
    return [(verdict.entry, verdict.reason) for verdict in legacy.unclear]


def test_weights_and_states_come_from_what_runs(
    instance: Instance, runs: Simulated, legacy: Legacy
) -> None:
    runs.execute("set server pool_2/pool_2_1 weight 7")
    assert compare(instance, legacy) == []
    assert legacy.pools == {2: {1: Server("10.0.0.1", weight=7)}}


def test_with_no_haproxy_the_files_are_enough(instance: Instance, legacy: Legacy) -> None:
    assert compare(instance, legacy) == []


@pytest.mark.parametrize(
    ("command", "unclear"),
    [
        ("set map {} a.test pool_3", ("a.test", "It runs in pool_3, but should be in pool_2.")),
        ("del map {} a.test", ("a.test", "It does not run, but should be in pool_2.")),
        ("add map {} b.test pool_1", ("b.test", "It runs in pool_1, and no file names it.")),
        (
            "set server pool_2/pool_2_1 addr 10.0.0.9 port 80",
            ("pool_2_1", "It runs with 10.0.0.9:80, and it should be 10.0.0.1:80."),
        ),
        (
            "set server pool_2/pool_2_2 addr 10.0.0.9 port 80",
            ("pool_2_2", "It runs with 10.0.0.9:80, and no file names it."),
        ),
    ],
)
def test_what_runs_otherwise(
    instance: Instance, runs: Simulated, legacy: Legacy, command: str, unclear: Any
) -> None:
    runs.execute(command.format(f"{instance.paths.conf}/domains.map"))
    assert unclear in compare(instance, legacy)


def test_a_slot_that_is_free(instance: Instance, simulated: Simulated, legacy: Legacy) -> None:
    simulated.execute(f"add map {instance.paths.conf}/domains.map a.test pool_2")
    assert compare(instance, legacy) == [("pool_2_1", "It is free, but should be 10.0.0.1:80.")]


def test_there_is_room_for_what_is_there(instance: Instance, legacy: Legacy) -> None:
    legacy.pools[9] = {12: Server("10.0.0.1")}
    found = settings_of_running(instance, legacy)
    assert (found.pool_count, found.pool_slots, found.haproxy_conf) == (9, 12, "")


def test_haproxys_own_name_of_the_maps(
    instance: Instance, simulated: Simulated, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "2 (/usr/local/etc/haproxy/domains.map) pattern loaded from file 'x' used by map"
    monkeypatch.setattr(instance.api, "ask", lambda _commands: [f"# id (file) description\n{line}"])
    from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration import (
        running as legacy_running,
    )

    assert legacy_running._conf(instance) == "/usr/local/etc/haproxy"
