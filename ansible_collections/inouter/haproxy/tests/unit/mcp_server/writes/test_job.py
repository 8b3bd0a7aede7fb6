# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a worker reports to what the caller gets."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.job import Job
from ansible_collections.inouter.haproxy.mcp_server.writes.task import HostResult, Task, TaskFailed

KEY = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n"
ANSWERED = {"answered": True}


def outcome(
    *reports: dict[str, Any], hosts: tuple[str, ...] = ("lb",), **settings: Any
) -> list[HostResult]:
    """What the caller of a job gets after these reports; raises as the caller's call does."""

    async def reported() -> list[HostResult]:
        job = Job(1, Task(hosts, "a.b.c", settings.pop("arguments", {}), **settings))
        for report in reports:
            job.take(report)
        return await asyncio.wait_for(job.answer, 1)

    return asyncio.run(reported())


def result(host: str = "lb", status: str = "ok", **values: Any) -> dict[str, Any]:
    """A worker's report of one host."""
    return {"host": host, "status": status, "result": values}


def test_a_result_is_the_modules_own() -> None:
    (found,) = outcome(result(changed=False, invocation={}, exception="(trace)"), ANSWERED)
    assert found == HostResult("lb", "ok", {"changed": False})


@pytest.mark.parametrize(("secret", "lines"), [(False, 1), (True, 0)])
def test_what_broke_down_is_in_the_log_but_for_secrets(
    secret: bool, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    broken = result(status="failed", msg="no", exception="Traceback: here")
    outcome(broken, result("b", exception="(traceback unavailable)"), ANSWERED, secret=secret)
    assert caplog.text.count("a.b.c broke down on lb: Traceback: here") == lines
    assert len(caplog.records) == lines


def test_nothing_is_answered_before_all_hosts_have() -> None:
    with pytest.raises(TimeoutError):
        outcome(result("a"), hosts=("a", "b"))
    found = outcome(result("a"), result("b", "unreachable"), ANSWERED, hosts=("b", "a"))
    assert [(r.host, r.status) for r in found] == [("b", "unreachable"), ("a", "ok")]


def test_a_host_that_did_not_answer_in_time_failed() -> None:
    found = outcome(result("a"), {"ended": "timeout"}, hosts=("a", "b"), timeout=9)
    assert [r.status for r in found] == ["ok", "failed"]
    assert "did not end within 9 s" in found[1].result["msg"]


@pytest.mark.parametrize(
    ("status", "words"),
    [("timeout", "within 300 s"), ("canceled", "cancelled"), ("failed", "ended")],
)
def test_no_result_at_all_is_an_error(status: str, words: str) -> None:
    with pytest.raises(TaskFailed, match=words):
        outcome({"ended": status})


def test_the_error_has_ansibles_words_but_not_of_a_secret_task() -> None:
    said = {"said": "[ERROR]: no such inventory"}
    with pytest.raises(TaskFailed, match="no such inventory"):
        outcome(said, {"ended": "failed"})
    with pytest.raises(TaskFailed) as hidden:
        outcome(said, {"ended": "failed"}, secret=True)
    assert "no such inventory" not in str(hidden.value)


def test_the_fallback_is_told_in_each_result_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    said = {"said": "[WARNING]: The fork server cannot be used (why); it takes longer."}
    with caplog.at_level(logging.WARNING):
        (found,) = outcome(said, result(warnings=["own"]), ANSWERED)
    assert found.result["warnings"] == ["own", said["said"].removeprefix("[WARNING]: ")]
    assert "cannot be used (why)" in caplog.text


def test_a_key_that_came_back_is_hidden() -> None:
    line = KEY.splitlines()[1]
    report = result("lb", "failed", msg=f"bad {KEY!r}: {line}", module_stderr=KEY, name="a.test")
    arguments = {"name": "a.test", "list": [{"key_content": KEY}]}
    (found,) = outcome(report, ANSWERED, arguments=arguments, secret=True)
    assert line not in str(found) and "module_stderr" not in found.result
    assert found.result["name"] == "a.test" and found.result["msg"].startswith("bad ")
