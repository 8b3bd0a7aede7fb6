# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write's own doing is told apart from what was there before it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import Difference
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.explained import only_edits
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support.secured import fake

OLD, NEW = {1: Server("10.0.0.1")}, {1: Server("10.0.0.2")}
ROWS: dict[tuple[str, Any], tuple[Any, Any]] = {
    ("domain", "new.test"): (None, Domain("new.test", 1)),
    ("domain", "moved.test"): (Domain("moved.test", 2), Domain("moved.test", 1)),
    ("pool", 1): (OLD, NEW),
    ("certificate", ("a.test", "ecdsa")): (None, fake("a.test")[0]),
}
FILE, HELD = "a.test.ecdsa.pem", pool_file.render(1, OLD, 3)


@pytest.mark.parametrize(
    "values",
    [
        ("runtime", "route", "new.test", None, "pool_1"),
        ("files", "route", "moved.test", "pool_2", "pool_1"),
        ("runtime", "slot", (1, 1), OLD[1], NEW[1]),
        ("files", "pool_file", 1, HELD, b"other"),
        ("runtime", "certificate", FILE, None, "sha1"),
        ("files", "crt_list", "/conf/certs.crtlist", "x", "y"),
    ],
)
def test_own_doing(values: tuple[Any, ...]) -> None:
    assert only_edits([Difference(*values)], ROWS, 3)


@pytest.mark.parametrize(
    "values",
    [
        ("runtime", "route", "new.test", "pool_9", "pool_1"),
        ("files", "route", "moved.test", None, "pool_1"),
        ("runtime", "route", "other.test", None, "pool_1"),
        ("runtime", "slot", (1, 1), Server("10.0.0.9"), NEW[1]),
        ("runtime", "slot", (1, 2), Server("10.0.0.9"), None),
        ("runtime", "slot", (2, 1), OLD[1], NEW[1]),
        ("files", "pool_file", 1, HELD + b"x", b"other"),
        ("files", "pool_file", 2, None, b"other"),
        ("files", "map_file", "/conf/domains.map", b"", None),
        ("runtime", "certificate", "b.test.ecdsa.pem", None, "sha1"),
    ],
)
def test_not_its_doing(values: tuple[Any, ...]) -> None:
    assert not only_edits([Difference(*values)], ROWS, 3)


def test_a_list_that_no_certificate_explains() -> None:
    assert not only_edits([Difference("files", "crt_list", "/x", None, "y")], {}, 3)
