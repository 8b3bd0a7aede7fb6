# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role says the same in its defaults and in its argument specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
NAMES = sorted(path.parents[1].name for path in ROLES.glob("*/meta/argument_specs.yml"))


def read(role: str, file: str) -> dict[str, Any]:
    path = ROLES / role / file
    found = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return found or {}


def options(role: str) -> dict[str, Any]:
    found: dict[str, Any] = read(role, "meta/argument_specs.yml")["argument_specs"]["main"][
        "options"
    ]
    return found


def test_each_role_has_a_specification() -> None:
    assert [path.name for path in sorted(ROLES.iterdir()) if path.is_dir()] == NAMES


@pytest.mark.parametrize("role", NAMES)
def test_the_defaults_are_the_documented_ones(role: str) -> None:
    documented = {name: o["default"] for name, o in options(role).items() if "default" in o}
    assert read(role, "defaults/main.yml") == documented


@pytest.mark.parametrize("role", NAMES)
def test_each_variable_has_the_prefix_of_the_role(role: str) -> None:
    files = ("defaults/main.yml", "vars/main.yml")
    names = {name for file in files for name in read(role, file)} | set(options(role))
    assert [name for name in sorted(names) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", NAMES)
def test_each_option_is_described_and_of_its_type(role: str) -> None:
    kinds = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}
    for name, option in options(role).items():
        assert option["description"], name
        if "default" in option and "{{" not in str(option["default"]):
            assert isinstance(option["default"], kinds[option["type"]]), name
        if "choices" in option:
            assert option.get("default", option["choices"][0]) in option["choices"], name
        assert (option["type"] == "list") == ("elements" in option), name
