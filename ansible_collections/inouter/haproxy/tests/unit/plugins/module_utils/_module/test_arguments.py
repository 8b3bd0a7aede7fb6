# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications, and numbers that Ansible would take and people do not mean."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    Spec,
    instance_spec,
    refuse_loose_numbers,
    servers_spec,
    write_spec,
)

SPEC: Spec = {**write_spec(), "ip": {"type": "str"}, "servers": servers_spec()}


def test_specs_are_new_each_time() -> None:
    instance_spec()["base_dir"]["default"] = "/elsewhere"
    servers_spec()["options"].clear()
    assert instance_spec()["base_dir"]["default"] == "/opt/haproxy"
    assert set(servers_spec()["options"]) == {"slot", "ip", "http_port", "weight", "state"}
    shared = {"lock_timeout", "plan_id", "expected_generation"}
    assert set(write_spec()) == {*instance_spec(), *shared}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"lock_timeout": 5},
        {"lock_timeout": "5"},
        {"lock_timeout": " -5 "},
        {"lock_timeout": None},
        {"lock_timeout": 1.5},
        {"ip": "1e3"},
        {"servers": None},
        {"servers": "1e3"},
        {"servers": [{"weight": "10"}, {"ip": "+1"}, "slot=1e3", {}]},
        {"other": "1e3"},
    ],
)
def test_plain_numbers_and_what_is_none_pass(given: dict[str, Any]) -> None:
    refuse_loose_numbers(SPEC, given)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+1",
        "1e3",
        "1.0",
        "0x10",
        "1_000",
        "1,000",
        "٣",
        "--1",
        "1\n",
        "1;show info",
        "five",
    ],
)
def test_loose_numbers_are_refused_by_option_and_value(text: str) -> None:
    with pytest.raises(InvalidInput) as alone:
        refuse_loose_numbers(SPEC, {"lock_timeout": text})
    expected = f"lock_timeout: {text!r} is not a whole number. Only digits are allowed"
    assert str(alone.value) == expected
    with pytest.raises(InvalidInput) as listed:
        refuse_loose_numbers(SPEC, {"servers": [{"weight": 1}, {"weight": text}]})
    assert str(listed.value).startswith(f"servers[1].weight: {text!r} is not a whole number.")
