# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables of older installations."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.configuration.environment import (
    Installation,
    installation,
    refuse_local,
)
from ansible_collections.inouter.haproxy.mcp_server.problems import ConfigurationProblem


def test_nothing_given() -> None:
    assert installation({"HAPROXY_HOST": ""}) == Installation("/opt/haproxy", "", {})


def test_all_that_means_something() -> None:
    found = installation(
        {
            "HAPROXY_HOST": "localhost",
            "HAPROXY_PORT": "9998",
            "HAPROXY_MAP_FILE": "/srv/lb/conf/domains.map",
            "HAPROXY_DB_FILE": "/srv/lb/conf/haproxy_mcp.db",
            "HAPROXY_REMOTE_DB_FILE": "/srv/lb/conf/haproxy_mcp.db",
            "HAPROXY_POOL_COUNT": "200",
            "HAPROXY_MAX_SLOTS": "12",
            "HAPROXY_CONTAINER": "haproxy",
        }
    )
    settings: dict[str, int | str] = {
        "pool_count": 200,
        "pool_slots": 12,
        "haproxy_container": "haproxy",
    }
    assert found == Installation("/srv/lb", "localhost:9998", settings)
    host = found.inventory("/usr/bin/python3")["all"]["hosts"]["localhost"]  # type: ignore[index]
    assert host == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "/usr/bin/python3",
        "haproxy_base_dir": "/srv/lb",
        "haproxy_runtime_api": "localhost:9998",
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert installation({"HAPROXY_HOST": host}).runtime_api == f"{host}:9999"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"HAPROXY_HOST": "10.0.0.1"}, "another machine"),
        ({"HAPROXY_PORT": "x"}, "HAPROXY_PORT: 'x' is not a whole number"),
        ({"HAPROXY_POOL_COUNT": "0"}, "HAPROXY_POOL_COUNT: '0'"),
        ({"HAPROXY_MAP_FILE": "conf/domains.map"}, "'conf/domains.map' cannot be used"),
        ({"HAPROXY_MAP_FILE": "/srv/other.map"}, "always conf/domains.map"),
        ({"HAPROXY_DB_FILE": "/app/data/haproxy_mcp.db"}, "no working copy"),
        (
            {"HAPROXY_SERVERS_FILE": "/x"},
            "not used any more. The database",
        ),
        ({"HAPROXY_CERTS_FILE": "/x"}, "not used any more. The database"),
        (
            {
                "HAPROXY_MAP_FILE": "/a/conf/domains.map",
                "HAPROXY_DB_FILE": "/b/conf/haproxy_mcp.db",
            },
            "below one base folder: HAPROXY_MAP_FILE: /a, HAPROXY_DB_FILE: /b",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_means_nothing_any_more(given: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationProblem, match=words):
        installation(given)


def test_an_inventory_has_the_last_word() -> None:
    refuse_local({"HAPROXY_STATE_FILE": "/x", "HAPROXY_PORT": ""})
    with pytest.raises(ConfigurationProblem, match="HAPROXY_PORT, HAPROXY_CONTAINER describe one"):
        refuse_local({"HAPROXY_PORT": "1", "HAPROXY_CONTAINER": "x"})
