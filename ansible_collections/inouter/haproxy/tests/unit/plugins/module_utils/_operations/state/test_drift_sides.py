# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one side says of each thing that differs."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import map_file, pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.drift_sides import (
    Side,
    sides,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import Difference

POOL = {1: Server("10.0.0.1", 80, 5), 2: Server("10.0.0.2", 80, 1, "maint")}
RIGHT = pool_file.render(1, POOL, 3)


def told(*values: Any) -> list[Side]:
    """The sides of one difference."""
    return list(sides(Difference(*values)))


def test_a_route() -> None:
    assert told("runtime", "route", "a.test", None, "pool_1") == [
        Side("route", "a.test", "runtime", None, "pool_1")
    ]


def test_a_slot() -> None:
    assert told("runtime", "slot", (1, 2), FREE, POOL[1]) == [
        Side("server", "pool_1_2", "runtime", "free", "10.0.0.1:80 weight 5 ready")
    ]


@pytest.mark.parametrize(
    ("old", "new", "name", "value"),
    [
        (b"weight 5", b"weight 6", "pool_1_1", "10.0.0.1:80 weight 6 ready"),
        (
            b"weight 1 disabled\n    server pool_1_3",
            b"weight 1\n    server pool_1_3",
            "pool_1_2",
            "10.0.0.2:80 weight 1 ready",
        ),
        (b"192.0.2.1:80 weight 1 disabled", b"10.0.0.9:80", "pool_1_3", "10.0.0.9:80"),
    ],
)
def test_one_line_of_a_pools_file(old: bytes, new: bytes, name: str, value: str) -> None:
    (side,) = told("files", "pool_file", 1, RIGHT.replace(old, new), RIGHT)
    assert (side.kind, side.name, side.value) == ("server", name, value)


def test_a_line_that_is_missing() -> None:
    lines = RIGHT.splitlines(keepends=True)
    (side,) = told("files", "pool_file", 1, b"".join(lines[:-1]), RIGHT)
    assert (side.name, side.value, side.database) == ("pool_1_3", None, "free")


@pytest.mark.parametrize(
    ("before", "after", "value", "database"),
    [
        (None, RIGHT, "missing", "as it was written"),
        (RIGHT + b"    option x\n", RIGHT, "not as it was written", "as it was written"),
        (RIGHT + b"\n\n", RIGHT, "not as it was written", "as it was written"),
        (RIGHT, None, "not as it was written", None),
    ],
)
def test_a_pools_file_as_a_whole(before: Any, after: Any, value: str, database: Any) -> None:
    assert told("files", "pool_file", 1, before, after) == [
        Side("pool_file", "pool_1.cfg", "files", value, database)
    ]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (None, "missing"),
        (b"a.test pool_1\n", "does not begin as it was written"),
        (map_file.HEADER + b"a.test po", "ends within a line"),
        (map_file.HEADER, "has lines twice, in another order, or that belong into another file"),
    ],
)
def test_a_map_file(content: Any, value: str) -> None:
    (side,) = told("files", "map_file", "/conf/domains.map", content, None)
    assert (side.name, side.value) == ("domains.map", value)


def test_certificates() -> None:
    (side,) = told("files", "pem_file", "a.test.ecdsa.pem", None, "SHA-256 x")
    assert side == Side("certificate", "a.test.ecdsa.pem", "files", None, "SHA-256 x")
    (side,) = told("runtime", "crt_entry", "a.test.ecdsa.pem", 2, 1)
    assert side == Side("crt_entry", "a.test.ecdsa.pem", "runtime", "2", "1")
    assert told("files", "crt_list", "/conf/certs.crtlist", "x", "y")[0].name == "certs.crtlist"
    assert told("runtime", "acme", "thumbprint", "x", None)[0].name == "thumbprint"
