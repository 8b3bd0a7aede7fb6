# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file for node_exporter's textfile collector."""

from __future__ import annotations

import re
import stat
import time
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import (
    write,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state import metrics
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.metrics import (
    write_metrics,
)
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring
from ansible_collections.inouter.haproxy.tests.unit.support.truth import behind_the_back

PREFIX = "inouter_haproxy_"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of the file."""
    return tmp_path / "inouter_haproxy.prom"


def samples(path: Path) -> dict[str, float]:
    """The samples by name and labels; every metric is described."""
    lines = path.read_text().splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    for name in found:
        metric = name.partition("{")[0]
        assert any(line.startswith(f"# HELP {metric} ") for line in lines)
        assert f"# TYPE {metric} gauge" in lines
    return {name.removeprefix(PREFIX): float(value) for name, value in found.items()}


def test_what_is_told_of_an_instance(instance: Instance, path: Path) -> None:
    write(instance, "test", Bring(a=1))
    write(instance, "test", DomainRequest("*.a.test", ip="10.0.0.1"))
    write_metrics(instance, str(path), write(instance, "test", Convergence()))
    found = samples(path)
    assert abs(found.pop("converge_last_success_timestamp_seconds") - time.time()) < 60
    assert found == {
        "converge_success": 1,
        "drift_differences": 0,
        "generation": 3,
        "domains": 1,
        'domain_info{domain="*.a.test",proxy="pool_1"}': 1,
        'certificate_not_after_timestamp_seconds{name="a.test",key_type="ecdsa"}': 32472144000,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_too_many_domains_are_only_counted(
    instance: Instance, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_DOMAINS", 1)
    for name in ("a.test", "b.test"):
        write(instance, "test", DomainRequest(name, ip="10.0.0.1"))
    metrics.write_metrics(instance, str(path), write(instance, "test", Convergence()))
    found = samples(path)
    assert found["domains"] == 2 and not any(name.startswith("domain_info") for name in found)


def test_what_was_found_is_counted(instance: Instance, path: Path) -> None:
    for pool in (1, 2):
        Path(instance.paths.pools, f"pool_{pool}.cfg").unlink()
    write_metrics(instance, str(path), write(instance, "test", Convergence()))
    assert samples(path)['drift_differences{side="files",kind="pool_file"}'] == 2


def test_a_lost_certificate_is_no_success(instance: Instance, path: Path) -> None:
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1, b=1))
    Path(instance.paths.certs, "a.test.ecdsa.pem").write_text("broken")
    for _time in range(2):
        write_metrics(instance, str(path), write(instance, "test", Convergence()))
        found = samples(path)
        assert found["converge_success"] == 0
        assert found["converge_last_success_timestamp_seconds"] == 0
        assert found['drift_differences{side="files",kind="certificate"}'] == 1
    write(instance, "test", Bring(a=1))
    write_metrics(instance, str(path), write(instance, "test", Convergence()))
    assert (samples(path)["converge_success"], samples(path)["drift_differences"]) == (1, 0)


def test_a_failure_keeps_the_last_success(instance: Instance, path: Path) -> None:
    write_metrics(instance, str(path), None)
    assert samples(path)["converge_success"] == 0
    assert samples(path)["converge_last_success_timestamp_seconds"] == 0
    write_metrics(instance, str(path), write(instance, "test", Convergence()))
    last = samples(path)["converge_last_success_timestamp_seconds"]
    write_metrics(instance, str(path), None)
    assert samples(path)["converge_last_success_timestamp_seconds"] == last
    assert re.search(r"seconds 1[0-9]{9}(\.|$)", path.read_text(), re.MULTILINE)


def test_a_failure_leaves_what_the_database_says(instance: Instance, path: Path) -> None:
    """Certificates expire while HAProxy cannot be talked to, too."""
    write(instance, "test", Bring(a=1))
    write_metrics(instance, str(path), None)
    found = samples(path)
    assert found.pop("converge_last_success_timestamp_seconds") == 0
    assert found == {
        "converge_success": 0,
        "generation": 2,
        "domains": 0,
        'certificate_not_after_timestamp_seconds{name="a.test",key_type="ecdsa"}': 32472144000,
    }


@pytest.mark.parametrize("sql", ["UPDATE certificates SET not_after = 'x'", "DROP TABLE domains"])
def test_of_a_database_that_cannot_be_read_nothing_is_told(
    instance: Instance, path: Path, sql: str
) -> None:
    write(instance, "test", Bring(a=1))
    with behind_the_back(instance.paths.database) as connection:
        connection.execute(sql)
    write_metrics(instance, str(path), None)
    assert samples(path) == {"converge_success": 0, "converge_last_success_timestamp_seconds": 0}
