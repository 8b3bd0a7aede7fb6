# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: an error that names the option and the value, and nothing changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .lab.managed import Managed, ModuleFailed

IP = {"ip": "10.0.0.1"}
LONG = "a" * 64
ELEVEN = [{"ip": f"10.0.0.{n}"} for n in range(1, 12)]

DOMAINS = [
    "",
    " ",
    "a b.test",
    " a.test",
    "a.test ",
    "a.test\n",
    "a.test\r",
    "a.test;disable frontend http",
    "a.test\ndisable frontend http",
    "a.test\t",
    "a#b.test",
    "#a.test",
    "<<",
    "a<b.test",
    'a"b.test',
    "a'b.test",
    "a\\b.test",
    "a/b.test",
    "http://a.test",
    "a.test:80",
    "a..test",
    ".a.test",
    "a.test..",
    "-a.test",
    "a-.test",
    "a_b.test",
    "*",
    "*.",
    "**.test",
    "a.*.test",
    "*a.test",
    "*.*.test",
    f"{LONG}.test",
    ".".join(["a" * 60] * 5),
    "10.0.0.1",
    "a.123",
    "[::1]",
    "fa\u00df.test",
    "a\u200db.test",
    "\u2603\u3002\u3002test",
    "a@b.test",
    "$(id).test",
    "%00.test",
]
IPS = [
    "",
    "0.0.0.0",
    "::",
    "192.0.2.1",
    "255.255.255.255",
    "224.0.0.1",
    "ff02::1",
    "fe80::1%eth0",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.1:80",
    "10.0.0.1 weight 5",
    "10.0.0.1;show info",
    "10.0.0.1\nshow info",
    "localhost",
    "unix@/run/x",
    "[::1]",
    "@1",
]
PORTS: list[object] = [0, -1, 65536, 99999, "+1", "-1", "1e3", "80;x", "http", 80.5, True]
WEIGHTS: list[object] = [-1, 257, "50%", "+5", "x"]

Case = tuple[str, dict[str, Any], str]
D, S = "haproxy_domain", "haproxy_server"
CASES: list[Case] = [
    *((D, {"domain": name, **IP}, "domain") for name in DOMAINS),
    *((D, {"domain": "a.test", "ip": ip}, "ip") for ip in IPS),
    *((D, {"domain": "a.test", **IP, "http_port": port}, "http_port") for port in PORTS),
    *((S, {"domain": "have.test", "slot": 1, "weight": w}, "weight") for w in WEIGHTS),
    (D, {"domain": "a.test\x00", **IP}, "null character"),  # Ansible's own refusal
    (S, {"domain": "have.test", "slot": 11, **IP}, "slot: 11"),
    (S, {"domain": "have.test", "slot": -1, **IP}, "slot: -1"),
    (S, {"domain": "have.test", "slot": "one", **IP}, "slot"),
    (S, {"domain": "have.test", "slot": 5, "weight": 1}, "slot: 5"),
    (S, {"domain": "have.test", "slot": 2, "ip": "10.9.9.9", "http_port": 80}, "slot 1"),
    (S, {"domain": "have.test", "state": "gone"}, "state"),
    (S, {"domain": "have.test", "state": "absent"}, "state=absent"),
    (S, {"domain": "have.test"}, "state=present"),
    (S, {"domain": "have.test", "servers": ELEVEN}, "servers: 11"),
    (S, {"domain": "have.test", "servers": [IP, IP]}, "servers[1].ip"),
    (S, {"domain": "have.test", "servers": [{"slot": 3, **IP}, {"slot": 3}]}, "servers[1].slot"),
    (S, {"domain": "have.test", "servers": [{"ip": "10.0.0.2", "x": 1}]}, "x"),
    (S, {"domain": "have.test", "servers": [{**IP, "http_port": "+1"}]}, "servers[0].http_port"),
    (S, {"domain": "have.test", "servers": [{**IP, "weight": 257}]}, "servers[0].weight"),
    (S, {"domain": "have.test", "servers": [{**IP, "state": "up"}]}, "state"),
    (S, {"domain": "have.test", "servers": [IP], "slot": 1}, "servers|slot"),
    (S, {"domain": "missing.test", **IP}, "domain: 'missing.test'"),
    (S, {"domain": "have.test;x", **IP}, "domain"),
    (D, {"domain": "a.test"}, "a.test is new"),
    (D, {"domain": "a.test", "servers": []}, "a.test is new"),
    (D, {"domain": "a.test", "servers": [{"slot": 1}]}, "a.test is new"),
    (D, {"domain": "a.test", "servers": ELEVEN}, "servers: 11"),
    (D, {"domain": "a.test", "servers": [IP], "ip": "10.0.0.3"}, "ip|servers"),
    (D, {"domain": "a.test", "share_with": "have.test", **IP}, "share_with|ip"),
    (D, {"domain": "a.test", "share_with": "shares.test"}, "share_with: 'shares.test'"),
    (D, {"domain": "a.test", "share_with": "a.test"}, "share_with: 'a.test'"),
    (D, {"domain": "a.test", "share_with": "missing.test"}, "share_with: 'missing.test'"),
    (D, {"domain": "a.test", "share_with": "x;y"}, "share_with: 'x;y'"),
    (D, {"domain": "have.test", "share_with": "shares.test"}, "share_with: 'shares.test'"),
    (D, {"domain": "a.test", "pool": "pool_0", **IP}, "pool: 'pool_0'"),
    (D, {"domain": "a.test", "pool": "pool_21", **IP}, "pool: 'pool_21'"),
    (D, {"domain": "a.test", "pool": "pool_1;x", **IP}, "pool: 'pool_1;x'"),
    (D, {"domain": "a.test", "pool": "unknown", **IP}, "pool: 'unknown'"),
    (D, {"domain": "a.test", "pool": "pool_1", **IP}, "pool_1"),
    (D, {"domain": "a.test", "state": "maybe", **IP}, "state"),
    (D, {"domain": "a.test", "unknown": 1, **IP}, "unknown"),
    (D, {"domain": "a.test", **IP, "base_dir": "relative"}, "base_dir"),
    (D, {"domain": "a.test", **IP, "base_dir": "/nowhere"}, "/nowhere"),
    (D, {"domain": "a.test", **IP, "runtime_api": "host"}, "runtime_api"),
    (D, {"domain": "a.test", **IP, "runtime_api": "host:99999"}, "runtime_api"),
    (D, {"domain": "a.test", **IP, "runtime_api": "host:"}, "runtime_api"),
    ("haproxy_instance", {"pool_count": 0}, "pool_count: 0"),
    ("haproxy_instance", {"pool_count": 5}, "pool_count: 5"),
    ("haproxy_instance", {"pool_slots": 1001}, "pool_slots: 1001"),
    ("haproxy_instance", {"haproxy_conf": "/a;b"}, "haproxy_conf"),
    ("haproxy_health_info", {"domain": "missing.test"}, "domain: 'missing.test'"),
    ("haproxy_server_info", {"domain": "a b"}, "domain: 'a b'"),
    ("haproxy_domain_info", {"domains": ["a;b"]}, "domains: 'a;b'"),
]

pytestmark = pytest.mark.haproxy("3.2")


@pytest.fixture(scope="module")
def filled(haproxy_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """Give one running HAProxy for all cases: each must leave it as it was."""
    made = Managed(haproxy_binary, tmp_path_factory.mktemp("bad"))
    made.start()
    made.module("haproxy_domain", domain="have.test", ip="10.9.9.9")
    made.module("haproxy_domain", domain="shares.test", share_with="have.test")
    yield made
    made.process.stop()


@pytest.mark.xdist_group("bad_input")
@pytest.mark.parametrize(("module", "options", "named"), CASES)
def test_bad_input(filled: Managed, module: str, options: dict[str, Any], named: str) -> None:
    """The message names the option; nothing differs afterwards."""
    before = filled.snapshot()
    message = filled.fails(module, **options)
    assert named in message, message
    assert "Traceback" not in message
    assert filled.snapshot() == before


def test_enough_cases() -> None:
    """The table is not shortened by accident."""
    assert len(CASES) >= 120


@pytest.mark.xdist_group("bad_input")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(min_size=1, max_size=40)
    | st.sampled_from([";disable frontend http", "\nshow info", " <<\nx y\n\n", "\\;", "$(id)"]),
    place=st.sampled_from(["domain", "ip", "share_with", "pool", "servers", "runtime_api"]),
)
def test_nothing_adds_a_command(filled: Managed, text: str, place: str) -> None:
    """Whatever a caller sends: HAProxy runs the commands that were meant, and none besides."""
    options: dict[str, Any] = {"domain": "fuzz.test", **IP}
    options[place] = [{"ip": text}] if place == "servers" else text
    if place == "domain":
        options[place] = f"fuzz.{text}.test"
    if place in ("servers", "share_with"):
        del options["ip"]
    try:
        done = filled.module("haproxy_domain", **options)
    except ModuleFailed:
        done = None
    if done is not None:
        filled.module("haproxy_domain", domain=done["domain"], state="absent")
    assert filled.runtime_map() == {"have.test": "pool_1", "shares.test": "pool_1"}
    stat = filled.ask("show stat http 1 -1").splitlines()[1]
    assert ",OPEN," in stat
