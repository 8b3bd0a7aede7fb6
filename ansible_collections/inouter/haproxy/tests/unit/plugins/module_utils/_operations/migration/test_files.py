# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of the original system's files that are understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.files import (
    CERTIFICATE,
    DOMAIN,
    Found,
    of_certificates,
    of_map,
    of_rows,
    of_servers,
)

IP = "10.0.0.1"
SHAPES: dict[str, Any] = {
    "by slot": {"a.test": {"2": {"ip": IP, "http_port": 81}}},
    "slots as numbers in a list": {"a.test": [{"slot": 2, "ip": IP, "http_port": 81}]},
    "wrapped": {"servers": {"a.test": {"servers": [{"slot": "2", "addr": IP, "port": 81}]}}},
    "a list of domains": [{"domain": "a.test", "servers": {"2": {"address": IP, "port": 81}}}],
    "a flat list": [{"domain": "a.test", "slot": 2, "ip": IP, "http_port": "81"}],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_servers(shape: str) -> None:
    (found,) = of_servers("servers.json", json.dumps(SHAPES[shape]))
    values = {name: str(value) for name, value in found.values.items()}
    assert (values["owner"], values["slot"], values["ip"]) == ("a.test", "2", IP)
    assert (values["http_port"], found.reason) == ("81", "")


def test_addresses_alone() -> None:
    found = list(of_servers("x", json.dumps({"pool_5": {"1": IP}, "a.test": [IP, IP]})))
    assert [(f.entry, f.values["owner"], f.values["ip"]) for f in found] == [
        ("pool_5[1]", "pool_5", IP),
        ("a.test", "a.test", IP),
        ("a.test", "a.test", IP),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "It is not JSON"),
        ("3", "It is no object and no list."),
        ('[{"ip": "10.0.0.1"}]', "It names no domain and no pool."),
        ('{"a.test": {"1": 7}}', "It is neither an object nor an address."),
    ],
)
def test_what_is_no_server(text: str, reason: str) -> None:
    (found,) = of_servers("x", text)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    "content",
    [
        ["a.test", "b.test"],
        {"certificates": ["a.test", {"domain": "b.test"}]},
        {"a.test": {"issued": "2026"}, "b.test": {}},
        {"a.test": "x", "b.test": "y"},
        {"domains": [{"name": "a.test"}, {"main_domain": "b.test"}]},
    ],
)
def test_certificates(content: Any) -> None:
    found = list(of_certificates("x", json.dumps(content)))
    assert [(f.kind, f.values["domain"]) for f in found] == [
        (CERTIFICATE, "a.test"),
        (CERTIFICATE, "b.test"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"), [("7", "It is no object and no list."), ("[7]", "It names no domain.")]
)
def test_what_is_no_certificate(text: str, reason: str) -> None:
    (found,) = of_certificates("x", text)
    assert found.reason == reason


def test_rows_and_maps() -> None:
    row = {"ID": 1, "Domain": "a.test", "BACKEND": "pool_5", "shares_with": "", "weight": 3}
    values = {"domain": "a.test", "pool": "pool_5", "weight": 3}
    assert list(of_rows("db", DOMAIN, [row])) == [Found("db", "a.test pool_5", DOMAIN, values)]
    assert list(of_map("x", [("a.test", "pool_5")])) == [
        Found("x", "a.test", DOMAIN, {"domain": "a.test", "pool": "pool_5"})
    ]
