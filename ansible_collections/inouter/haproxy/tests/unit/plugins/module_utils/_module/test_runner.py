# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeleton of every module: arguments in, one call, result out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Conflict
from ansible_collections.inouter.haproxy.plugins.module_utils._module import runner
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    Spec,
    instance_spec,
    write_spec,
)
from ansible_collections.inouter.haproxy.tests.unit.support.modules import Result, run_main

SPEC: Spec = {**write_spec(), "count": {"type": "int"}, "name": {"type": "str"}}


def run(call: Any, options: dict[str, Any], spec: Spec | None = None, **constraints: Any) -> Result:
    return run_main(lambda: runner.run_module(spec or SPEC, call, **constraints), options)


def raising(error: Exception) -> Callable[..., Result]:
    def call(_module: AnsibleModule, _instance: Instance) -> Result:
        raise error

    return call


def show(module: AnsibleModule, instance: Instance) -> Result:
    return {
        "base": instance.paths.base,
        "api": str(instance.api),
        "lock_timeout": instance.lock_timeout,
        "count": module.params.get("count", None),
    }


def test_the_result_of_the_call_comes_back() -> None:
    result = run(show, {"count": " 7 "})
    assert (result["base"], result["api"]) == ("/opt/haproxy", "/opt/haproxy/run/admin.sock")
    assert (result["lock_timeout"], result["count"]) == (60, 7)
    assert "failed" not in result


def test_the_options_name_the_instance() -> None:
    given = {"base_dir": "/opt/edge/", "runtime_api": "127.0.0.1:9999", "lock_timeout": 5}
    result = run(show, given)
    assert (result["base"], result["api"], result["lock_timeout"]) == (
        "/opt/edge",
        "127.0.0.1:9999",
        5,
    )


def test_a_module_that_only_reads_has_no_lock_timeout() -> None:
    assert run(show, {}, instance_spec())["lock_timeout"] == 60


@pytest.mark.parametrize(
    "error", [Conflict("All pools are in use."), OSError(28, "No space left on device")]
)
def test_errors_become_messages(error: Exception) -> None:
    result = run(raising(error), {})
    assert (result["failed"], result["msg"]) == (True, str(error))


def test_a_mistake_in_the_code_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        runner_call = raising(ZeroDivisionError())
        run(runner_call, {})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"count": "1e3"}, "count: '1e3' is not a whole number"),
        ({"lock_timeout": "+5"}, "lock_timeout: '+5' is not a whole number"),
        ({"base_dir": "opt"}, "base_dir: "),
        ({"runtime_api": "nowhere"}, "runtime_api: 'nowhere' is not a Runtime API address"),
    ],
)
def test_bad_options_are_refused_before_the_call(options: dict[str, Any], words: str) -> None:
    result = run(raising(AssertionError("called")), options)
    assert result["failed"]
    assert result["msg"].startswith(words)


@pytest.mark.parametrize("options", [{"count": "five"}, {"surprise": 1}, {"count": 1, "name": "x"}])
def test_ansible_checks_the_rest(options: dict[str, Any]) -> None:
    result = run(raising(AssertionError("called")), options, mutually_exclusive=[("count", "name")])
    assert result["failed"]


def test_programs_are_run_without_a_shell() -> None:
    def call(module: AnsibleModule, _instance: Instance) -> Result:
        code, out, err = runner.run_program(module)(("printf", "%s", "a b;c | d"))
        return {"code": code, "out": out, "err": err}

    result = run(call, {})
    assert (result["code"], result["out"], result["err"]) == (0, "a b;c | d", "")
