# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A load while domains and servers come, move, drain and go: no request is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab.http import Answer
from .lab.load import LoadRun, Stream
from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]
CYCLES, REQUESTS = 100, 50_000


@pytest.mark.xdist_group("load")
@pytest.mark.timeout(900)
def test_hundred_cycles_under_load(managed: Managed, named_origins: Start, tmp_path: Path) -> None:
    """Keep-alive and new connections, at least 50,000 requests, no error and no wrong answer."""
    steady, second, other, third = named_origins("steady.1", "steady.2", "other.1", "other.2")
    managed.module("haproxy_domain", domain="steady.test", **steady)
    managed.module("haproxy_domain", domain="other.test", **other)
    expected = {"steady.test": Answer(200, "steady\n"), "other.test": Answer(200, "other\n")}
    streams = [
        Stream(managed.http, expected, connections=8),
        Stream(managed.http, expected, connections=4, keep_alive=False),
    ]
    with LoadRun(tmp_path, streams, seconds=800) as load:
        for number in range(CYCLES):
            cycle(managed, number, second, third)
        assert not load.ended()
        done = load.until_requests(REQUESTS)
    assert done.requests >= REQUESTS
    assert (done.socket_errors, done.wrong) == (0, 0)
    assert managed.retried() == 0
    assert not managed.check("haproxy_state")["changed"]


def cycle(managed: Managed, number: int, second: dict[str, Any], third: dict[str, Any]) -> None:
    """Add a domain and a server, readdress it, drain it, remove both."""
    host = f"cycle{number}.test"
    server = {"domain": "steady.test", "slot": 2}
    managed.module("haproxy_domain", domain=host, **third)
    assert managed.get(host) == Answer(200, "other\n")
    managed.module("haproxy_server", **server, **second)
    managed.module("haproxy_server", **server, ip=second["ip"], http_port=1)
    managed.module("haproxy_server", **server, **second)
    managed.module("haproxy_server", **server, state="drain")
    managed.module("haproxy_server", **server, state="absent")
    managed.module("haproxy_domain", domain=host, state="absent")
    assert managed.get(host).status == 404
