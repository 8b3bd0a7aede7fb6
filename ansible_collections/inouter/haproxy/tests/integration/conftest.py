# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the test laboratory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .lab import builds as lab_builds
from .lab.managed import Managed
from .lab.mcp_site import McpSite
from .lab.mcp_talk import WAYS, Talk
from .lab.origins import Origins
from .lab.pki import Authority
from .lab.secured import Secured
from .lab.sshd import Sshd


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let one run test fewer versions of HAProxy."""
    parser.addoption("--haproxy", metavar="2.8,3.4", help="HAProxy versions (default: all)")


def _versions(config: pytest.Config) -> list[str]:
    """Return the versions that are to be tested."""
    given = config.getoption("haproxy", default=None)
    versions = given.split(",") if given else list(lab_builds.SOURCES)
    for unknown in set(versions) - set(lab_builds.SOURCES):
        raise pytest.UsageError(f"--haproxy: {unknown} is not of {', '.join(lab_builds.SOURCES)}")
    return versions


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a version once with each, or with those that its mark names."""
    if "haproxy_version" not in metafunc.fixturenames:
        return
    versions = _versions(metafunc.config)
    mark = metafunc.definition.get_closest_marker("haproxy")
    wanted = [v for v in versions if mark is None or v in mark.args]
    metafunc.parametrize("haproxy_version", wanted, scope="session")


@pytest.fixture(scope="session")
def builds(request: pytest.FixtureRequest) -> dict[str, Path]:
    """Return the binaries of the versions that are tested and can be had."""
    found = {}
    for version in _versions(request.config):
        try:
            found[version] = lab_builds.require(version)
        except pytest.skip.Exception:
            continue
    return found


@pytest.fixture(scope="session")
def haproxy_binary(haproxy_version: str) -> Path:
    """Return the binary of the version under test."""
    return lab_builds.require(haproxy_version)


@pytest.fixture(scope="session")
def origin_binary() -> Path:
    """Return the HAProxy that plays the origins, whichever versions are tested."""
    return lab_builds.require("2.8")


@pytest.fixture
def origins(origin_binary: Path, tmp_path: Path) -> Iterator[Origins]:
    """Give origins that are not started yet, for the test to add and start."""
    made = Origins(origin_binary, tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Give a running SSH server."""
    server = Sshd(tmp_path_factory.mktemp("sshd"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def managed(haproxy_binary: Path, tmp_path: Path) -> Iterator[Managed]:
    """Give a running HAProxy that the collection manages, with no domain yet."""
    made = Managed(haproxy_binary, tmp_path / "haproxy")
    made.start()
    yield made
    made.process.stop()


@pytest.fixture
def named_origins(origins: Origins) -> Callable[..., list[dict[str, object]]]:
    """Start origins of these names; each is given as the `ip` and `http_port` of a server."""

    def start(*names: str) -> list[dict[str, object]]:
        addresses = [origins.add(name) for name in names]
        origins.start()
        return [{"ip": ip, "http_port": port} for ip, port in addresses]

    return start


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Give a certificate authority."""
    return Authority()


@pytest.fixture
def secured(haproxy_binary: Path, tmp_path: Path) -> Iterator[Secured]:
    """Give a running HAProxy that serves HTTPS with no certificate yet."""
    made = Secured(haproxy_binary, tmp_path / "lb")
    yield made
    made.process.stop()


@pytest.fixture
def spacious(haproxy_binary: Path, tmp_path: Path) -> Iterator[Secured]:
    """The same with room for many domains and servers."""
    made = Secured(haproxy_binary, tmp_path / "lb", pools=20, slots=10)
    yield made
    made.process.stop()


@pytest.fixture(scope="module")
def site(
    haproxy_binary: Path,
    origin_binary: Path,
    sshd: Sshd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[McpSite]:
    """Give an MCP server with its host; a module may give its own, or add to this one."""
    made = McpSite(haproxy_binary, origin_binary, sshd, tmp_path_factory.mktemp("mcp"))
    yield made
    made.stop()


@pytest.fixture(params=WAYS, ids=" ".join)
def talk(site: McpSite, request: pytest.FixtureRequest) -> Talk:
    """Give each transport in each era."""
    return Talk(site, *request.param)
