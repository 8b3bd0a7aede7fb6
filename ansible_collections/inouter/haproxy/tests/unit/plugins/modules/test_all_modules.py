# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every module: its documentation is what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.tests.unit.support.modules import (
    NAMES,
    documentation,
    module_named,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

Options = dict[str, Any]

SAMPLES: list[tuple[str, Options]] = [
    ("haproxy_config", {}),
    ("haproxy_config", {"state": "reloaded"}),
    ("haproxy_domain", {"domain": "new.test", "ip": "10.0.0.9"}),
    ("haproxy_domain", {"domain": "a.test", "state": "absent"}),
    ("haproxy_domain_info", {}),
    ("haproxy_domains", {"domains": [{"domain": "a.test"}, {"domain": "n.test", "ip": "::1"}]}),
    ("haproxy_domains", {"domains": [], "prune": True, "prune_limit": 100}),
    ("haproxy_health_info", {}),
    ("haproxy_health_info", {"domain": "a.test"}),
    ("haproxy_instance", {"pool_count": 5}),
    ("haproxy_server", {"domain": "a.test", "ip": "10.0.0.9"}),
    ("haproxy_server_info", {"domain": "a.test"}),
    ("haproxy_server_state", {}),
    ("haproxy_cert", {"name": "a.test", "state": "absent"}),
    ("haproxy_cert_info", {}),
    ("haproxy_state", {}),
    ("haproxy_state", {"state": "rolled_back", "generation": 1}),
    ("haproxy_state", {"state": "adopted"}),
    ("haproxy_state", {"state": "backed_up"}),
    ("haproxy_state", {"state": "imported", "document": {"domains": []}}),
    ("haproxy_state_info", {"gather": ["drift", "history", "export", "backups"]}),
    ("haproxy_stats_info", {}),
]
OF_ANSIBLE = {"changed", "diff", "invocation", "warnings"}


def test_there_is_a_sample_for_every_module() -> None:
    assert sorted({name for name, _options in SAMPLES}) == NAMES


@pytest.fixture
def constraints(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give what a module's main() asks for, once it was called."""
    found: dict[str, Any] = {}

    def run_module(spec: Options, _call: object, **constraints: Any) -> None:
        found.update(spec=spec, **constraints)

    for name in NAMES:
        monkeypatch.setattr(module_named(name), "run_module", run_module)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_options_are_the_documented_ones(name: str, constraints: dict[str, Any]) -> None:
    module_named(name).main()
    documented = documentation(name)["options"]
    assert _specified(constraints["spec"]) == _documented(documented)


def _specified(spec: Options) -> Options:
    return {name: _facts(option, option.get("options")) for name, option in spec.items()}


def _documented(options: Options) -> Options:
    assert all(option["description"] for option in options.values())
    return {name: _facts(option, option.get("suboptions")) for name, option in options.items()}


def _facts(option: Options, inner: Options | None) -> Options:
    names = ("type", "elements", "default", "choices", "required", "aliases")
    facts = {name: option[name] for name in names if option.get(name) not in (None, False)}
    if option.get("default") is False:
        facts["default"] = False
    return {**facts, "inner": sorted(inner) if inner else None, **_inner(inner)}


def _inner(inner: Options | None) -> Options:
    if not inner:
        return {}
    return {f".{name}": _facts(option, None) for name, option in inner.items()}


@pytest.mark.parametrize("name", NAMES)
def test_exclusive_options_exist(name: str, constraints: dict[str, Any]) -> None:
    module_named(name).main()
    for group in constraints.get("mutually_exclusive", []):
        assert set(group) <= set(constraints["spec"])


@pytest.mark.parametrize("name", NAMES)
def test_the_attributes_are_documented(name: str) -> None:
    doc = documentation(name)
    assert (doc["module"], doc["version_added"]) == (name, doc["version_added"])
    attributes = doc["attributes"]
    assert set(attributes) == {"check_mode", "diff_mode", "idempotent", "action_group"}
    assert all({"description", "support"} <= set(values) for values in attributes.values())
    assert attributes["check_mode"]["support"] == "full"
    assert attributes["action_group"]["membership"] == ["inouter.haproxy.haproxy"]
    assert name.endswith("_info") == ("lock_timeout" not in doc["options"])


@pytest.fixture
def sampled(run: Run, instance: Instance, simulated: Simulated, tmp_path: Path) -> Run:
    """Give the way to run a sample, on an instance with a domain and a HAProxy."""
    program = tmp_path / "check"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    run("haproxy_instance", haproxy_binary=str(program))
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    return run


@pytest.mark.parametrize(("name", "options"), SAMPLES)
def test_check_mode_is_supported_and_changes_nothing(
    sampled: Run, instance: Instance, simulated: Simulated, name: str, options: Options
) -> None:
    simulated.log.clear()
    before = everything(instance)
    result = sampled(name, check=True, **options)
    assert "failed" not in result and "skipped" not in result
    assert (everything(instance), simulated.log) == (before, [])
    _check_returned(name, result)


@pytest.mark.parametrize(
    ("name", "options"), [sample for sample in SAMPLES if sample[1].get("state") != "reloaded"]
)
def test_each_key_that_comes_back_is_documented(sampled: Run, name: str, options: Options) -> None:
    result = sampled(name, **options)
    assert "failed" not in result, result
    _check_returned(name, result)


def _check_returned(name: str, result: Options) -> None:
    documented = yaml.safe_load(module_named(name).RETURN)
    assert set(result) - OF_ANSIBLE <= set(documented)
    always = {key for key, about in documented.items() if about["returned"] == "success"}
    assert always <= set(result)
    for key in set(result) - OF_ANSIBLE:
        _check_type(result[key], documented[key])
        _check_contains(result[key], documented[key])


def _check_type(value: Any, about: Options) -> None:
    kinds: dict[str, type] = {"str": str, "bool": bool, "int": int, "list": list, "dict": dict}
    assert value is None or isinstance(value, kinds[about["type"]])


def _check_contains(value: Any, about: Options) -> None:
    """Each item has the fields that the documentation, or its sample, shows."""
    if about["type"] == "list" and about["elements"] == "dict":
        shown = set(about.get("contains") or about["sample"][0])
        assert "pxname" in shown or all(set(item) == shown for item in value)


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_tasks_with_full_names(name: str) -> None:
    tasks = yaml.safe_load(module_named(name).EXAMPLES)
    assert tasks and all(task["name"][0].isupper() for task in tasks)
    known = documentation(name)["options"]
    keywords = {"name", "register", "failed_when", "check_mode", "diff"}
    for task in tasks:
        (action,) = set(task) - keywords
        assert action in (f"inouter.haproxy.{name}", "ansible.builtin.debug")
        if action.startswith("inouter."):
            given = task[action] or {}
            assert set(given) <= set(known)
            assert {key for key, about in known.items() if about.get("required")} <= set(given)


def test_a_check_before_the_domain_exists_returns_what_is_documented(run: Run) -> None:
    result = run("haproxy_server", check=True, domain="no.test", ip="10.0.0.1")
    assert "failed" not in result
    _check_returned("haproxy_server", result)


def test_a_check_of_a_new_host_returns_what_is_documented(run: Run, tmp_path: Path) -> None:
    result = run("haproxy_instance", check=True, base_dir=str(tmp_path / "new"))
    assert "failed" not in result
    _check_returned("haproxy_instance", result)
