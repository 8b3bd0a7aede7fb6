# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions of the MCP server, and what answers them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import UnknownDomain
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.health import (
    domain_health,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.report import (
    gathered,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._responder import reads
from ansible_collections.inouter.haproxy.plugins.module_utils._responder.reads import (
    READS,
    answer,
    run,
)


def ask(instance: Instance, read: str, **arguments: Any) -> dict[str, Any]:
    """One question."""
    where = {"base_dir": instance.paths.base, "runtime_api": ""}
    return answer({"read": read, "arguments": arguments, **where})


def test_answers_are_those_of_the_core(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    assert ask(instance, "domain_health", name="a.test") == domain_health(instance, "a.test")
    assert ask(instance, "system_health")["status"] == "down"
    assert [d["domain"] for d in ask(instance, "domains")["domains"]] == ["a.test"]
    with pytest.raises(UnknownDomain):
        ask(instance, "servers", name="no.test")
    with pytest.raises(KeyError):
        ask(instance, "nothing")


def test_the_state_is_as_the_module_reports_it(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    told = gathered(instance, ["drift", "history", "export"], {"limit": 50})
    drift = ask(instance, "drift")
    assert {name: drift[name] for name in told["drift"]} == told["drift"]
    export = ask(instance, "export")
    assert {name: export[name] for name in told["export"]} == told["export"]
    rows = ask(instance, "history")["changes"]
    assert [{name: row[name] for name in row if name != "left_out"} for row in rows] == told[
        "history"
    ]
    assert ask(instance, "past")["changes"] == told["history"]


def test_a_check_of_the_configuration(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([(0, "", ""), (1, "", "[ALERT] no")])
    monkeypatch.setattr(reads, "run", lambda arguments: next(said))
    assert ask(instance, "config_check") == {"valid": True, "output": ""}
    assert ask(instance, "config_check") == {"valid": False, "output": "[ALERT] no"}


def test_only_the_audit_is_ever_written(instance: Instance) -> None:
    query = "SELECT (SELECT count(*) FROM history), (SELECT count(*) FROM audit)"

    def counts() -> Any:
        with instance.store() as store:
            return store.connection.execute(query).fetchone()

    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    before = counts()
    named = {"name": "a.test"}
    arguments: dict[str, dict[str, Any]] = {"servers": named, "domain_health": named}
    arguments["certificate"] = named
    arguments["completions"] = {"kind": "domain", "prefix": ""}
    quiet = set(READS) - {"begin_call", "finish_call", "statistics", "config_check", "config_text"}
    for read in quiet:
        ask(instance, read, **arguments.get(read, {}))
    assert counts() == before
    number = ask(instance, "begin_call", caller="a", tool="t", arguments={})["number"]
    ask(instance, "finish_call", number=number, outcome="done", message="")
    assert counts() == (before[0], before[1] + 1)


def test_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([sys.executable, "-c", "print(1)"]) == (0, "1\n", "")
    code, _out, err = run(["/no/such/program"])
    assert code == 127 and "No such file" in err
    monkeypatch.setattr(reads, "PROGRAM_SECONDS", 0.1)
    assert run([sys.executable, "-c", "import time; time.sleep(9)"])[0] == 124
