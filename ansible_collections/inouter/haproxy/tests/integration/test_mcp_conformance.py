# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official conformance suite against the server as it is, and with the suite's own fixtures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import node as lab_node
from .lab.conformance import suite
from .lab.managed import Managed
from .lab.mcp import host_variables, write_inventory
from .lab.node import Node

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.parametrize("revision", suite.SCORED),
    pytest.mark.timeout(300),
]
product_only = pytest.mark.xdist_group("mcp-conformance-product")
with_fixtures = pytest.mark.xdist_group("mcp-conformance-fixtures")


@pytest.fixture(scope="module")
def node() -> Node:
    """Give Node with the suite."""
    return lab_node.require()


@pytest.fixture(scope="module")
def inventory(haproxy_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give an inventory with one running HAProxy."""
    folder = tmp_path_factory.mktemp("conformance")
    managed = Managed(haproxy_binary, folder / "lb1")
    managed.start()
    yield write_inventory(folder, {"lb1": host_variables(managed, None, sys.executable)})
    managed.process.stop()


def served(server: suite.ProductServer) -> Iterator[suite.ProductServer]:
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def product(
    inventory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[suite.ProductServer]:
    """Give the server as it is."""
    yield from served(suite.ProductServer(tmp_path_factory.mktemp("product"), inventory))


@pytest.fixture(scope="module")
def fixtures(
    inventory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[suite.ProductServer]:
    """Give the server with the suite's fixtures."""
    yield from served(suite.FixtureServer(tmp_path_factory.mktemp("fixtures"), inventory))


@with_fixtures
def test_with_fixtures(
    node: Node, fixtures: suite.ProductServer, revision: str, tmp_path: Path
) -> None:
    """Every scenario that the revision requires passes."""
    done = suite.run(node, fixtures, revision, tmp_path, suite.NONE)
    assert done.code == 0, done.said
    assert done.scenarios >= suite.SCORED[revision]


@product_only
def test_product(node: Node, product: suite.ProductServer, revision: str, tmp_path: Path) -> None:
    """The same, but for the scenarios of the baseline; an entry too many is an error as well."""
    done = suite.run(node, product, revision, tmp_path, suite.fixtures_needed(revision))
    assert done.code == 0, done.said
    assert done.scenarios >= suite.SCORED[revision]
