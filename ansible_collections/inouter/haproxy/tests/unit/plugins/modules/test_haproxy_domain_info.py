# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_domain_info."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_domain_info"


@pytest.fixture(autouse=True)
def domains(run: Run, instance: Instance) -> None:
    run("haproxy_domain", domain="b.test", ip="10.0.0.1")
    run("haproxy_domain", domain="*.b.test", share_with="b.test")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["*.b.test", "b.test"]),
        ({"include_wildcards": False}, ["b.test"]),
        ({"domains": ["B.Test.", "no.test"]}, ["b.test"]),
        ({"domains": "b.test,*.b.test"}, ["*.b.test", "b.test"]),
        ({"domains": []}, []),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_domains(
    run: Run, instance: Instance, options: dict[str, Any], names: list[str], check: bool
) -> None:
    before = everything(instance)
    result = run(NAME, check, **options)
    assert [domain["domain"] for domain in result["domains"]] == names
    assert result["changed"] is False
    assert everything(instance) == before


def test_one_domain(run: Run) -> None:
    (domain,) = run(NAME, domains=["*.b.test"])["domains"]
    assert (domain["pool"], domain["share_with"]) == ("pool_1", "b.test")
    assert [server["ip"] for server in domain["servers"]] == ["10.0.0.1"]


def test_errors(run: Run) -> None:
    result = run(NAME, domains=["a b"])
    assert result["failed"] and result["msg"].startswith("domains: 'a b' is not a domain")
    result = run(NAME, base_dir="/nowhere")
    assert result["failed"] and "There is no database at /nowhere/conf" in result["msg"]
