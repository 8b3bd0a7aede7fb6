# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check that is under way while its server gets another address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import ports
from .lab.children import wait_until
from .lab.managed import Managed
from .lab.origins import SlowOrigin

Start = Callable[..., list[dict[str, Any]]]
CHECKED = {"check_path": "/"}
SECOND = {"domain": "example.com", "slot": 2}


@pytest.fixture
def slow() -> Iterator[SlowOrigin]:
    """Give a server whose every check takes a while."""
    origin = SlowOrigin(0.6)
    origin.start()
    yield origin
    origin.stop()


@pytest.fixture
def beside(
    haproxy_binary: Path, tmp_path: Path, named_origins: Start, slow: SlowOrigin
) -> Iterator[Managed]:
    """Give a domain with a quick server and the slow one, each checked with a request."""
    options: dict[str, Any] = {
        "haproxy_check": "inter 2s fall 3 rise 1",
        "haproxy_pool_options": CHECKED,
    }
    managed = Managed(haproxy_binary, tmp_path / "haproxy", **options)
    managed.start()
    servers = [*named_origins("quick"), {"ip": slow.address[0], "http_port": slow.address[1]}]
    managed.module("haproxy_domain", domain="example.com", servers=servers)
    yield managed
    managed.process.stop()


def moved(managed: Managed, dead: dict[str, Any]) -> None:
    """Give the server another address."""
    managed.module("haproxy_server", **SECOND, **dead)


def replaced(managed: Managed, dead: dict[str, Any]) -> None:
    """Remove it, and give its slot to another one."""
    managed.module("haproxy_server", **SECOND, state="absent")
    managed.module("haproxy_server", **SECOND, **dead)


@pytest.mark.parametrize("change", [moved, replaced])
def test_a_check_of_the_old_address_says_nothing_of_the_new_one(
    beside: Managed, change: Callable[[Managed, dict[str, Any]], None]
) -> None:
    """HAProxy counts it: a dead server would come up, and get requests, until it is found out."""
    wait_until(lambda: "L7OK" in check(beside), 10, "the slow server was checked")
    wait_until(lambda: check(beside).startswith("* "), 10, "a check is under way")
    change(beside, {"ip": ports.loopback(), "http_port": ports.free_ports(1)[0]})
    until = time.monotonic() + 10
    while check(beside) != "L4CON":
        assert time.monotonic() < until, check(beside)
        assert beside.get("example.com").body == "quick\n"
    assert beside.retried() == 0


def check(managed: Managed) -> str:
    """What HAProxy says of the second server's last check, and of one that is under way."""
    return managed.slot("pool_1_2")["check_status"]
