# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that write return, and when a check goes on with nothing there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import write_spec
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import (
    run_write,
    write_result,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.tests.unit.support.modules import Result, run_main
from ansible_collections.inouter.haproxy.tests.unit.support.outcomes import outcome_with

FLAGS = ("changed", "persisted", "applied", "verified", "generation")
ROWS: dict[tuple[str, Any], Any] = {("pool", 1): ({}, {1: Server("10.0.0.1")})}
NAME = "inouter.haproxy.haproxy_domain"


def result_of(outcome: Outcome, **switches: Any) -> Result:
    def call(module: AnsibleModule, _instance: Instance) -> Result:
        return write_result(module, outcome)

    return run_main(lambda: run_module(write_spec(), call), {}, module_name=NAME, **switches)


def write(instance: Instance, request: Any, check: bool = False) -> Result:
    def call(module: AnsibleModule, found: Instance) -> Result:
        return run_write(module, found, request)

    def main() -> None:
        run_module(write_spec(), call)

    options = {"base_dir": instance.paths.base, "lock_timeout": 0}
    return run_main(main, options, module_name=NAME, check_mode=check)


def test_the_fields_of_an_outcome() -> None:
    outcome = outcome_with(
        changed=True, generation=7, persisted=True, described={"domain": "a.test"}
    )
    result = result_of(outcome)
    assert [result[name] for name in FLAGS] == [True, True, False, False, 7]
    assert result["domain"] == "a.test"
    assert "diff" not in result and "warnings" not in result


def test_a_diff_comes_only_where_it_is_asked_for() -> None:
    (part,) = result_of(outcome_with(changed=True, rows=ROWS), diff=True)["diff"]
    assert (part["before"], part["after"]) == (
        "server pool_1_1: free\n",
        "server pool_1_1: 10.0.0.1:80 weight 1 ready\n",
    )
    assert result_of(outcome_with(), diff=True)["diff"] == []


def test_a_write_that_was_completed_first_is_a_warning() -> None:
    (warning,) = result_of(outcome_with(recovered=[3, 4]))["warnings"]
    text = warning if isinstance(warning, str) else str(warning)
    assert "An earlier write was cut off (generation 3, 4); it was completed first." in text


def test_a_lost_certificate_is_a_warning() -> None:
    view = {"kind": "certificate", "name": "a.test", "differs": ["files"], "files": "damaged"}
    (warning,) = result_of(outcome_with(described={"lost": [view]}))["warnings"]
    assert "The file of the certificate a.test is damaged" in str(warning)


def test_the_history_names_the_module(instance: Instance) -> None:
    assert write(instance, DomainRequest("a.test", ip="10.0.0.1"))["changed"]
    with instance.store() as store:
        query = "SELECT action FROM history ORDER BY generation DESC LIMIT 1"
        assert store.connection.execute(query).fetchone() == ("haproxy_domain",)


REQUESTS = [
    ServerRequest("no.test", ip="10.0.0.1"),
    DomainRequest("a.test", share_with="no.test"),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_domain_that_an_earlier_task_would_add(instance: Instance, request_: Any) -> None:
    result = write(instance, request_)
    assert (result["failed"], "is not a domain of this instance" in result["msg"]) == (True, True)
    result = write(instance, request_, check=True)
    assert (result["changed"], result["persisted"], result["generation"]) == (True, False, 0)
    assert "so the check goes on" in str(result["warnings"])


def test_other_errors_end_a_check_too(instance: Instance) -> None:
    result = write(instance, DomainRequest("a b", ip="10.0.0.1"), check=True)
    assert result["failed"]
    assert result["msg"].startswith("domain: 'a b' is not a domain")


def test_a_host_that_was_not_set_up_says_how_to_do_so(tmp_path: Path) -> None:
    blank = Instance(str(tmp_path / "nothing"))
    request = DomainRequest("a.test", ip="10.0.0.1")
    result = write(blank, request)
    assert result["failed"]
    assert "There is no database at" in result["msg"] and "haproxy_instance" in result["msg"]


def test_a_host_that_an_earlier_task_would_set_up(tmp_path: Path) -> None:
    blank = Instance(str(tmp_path / "nothing"))
    result = write(blank, DomainRequest("a.test", ip="10.0.0.1"), check=True)
    assert result["changed"] and "so the check goes on" in str(result["warnings"])
    assert list(tmp_path.iterdir()) == []
