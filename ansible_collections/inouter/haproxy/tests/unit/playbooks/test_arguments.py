# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook documents, and so checks, every variable that it reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
NAMES = sorted(path.stem for path in PLAYBOOKS.glob("*.yml") if not path.stem.endswith(".meta"))


def options(name: str) -> dict[str, Any]:
    text = (PLAYBOOKS / f"{name}.meta.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["argument_specs"][name]["options"]
    return found


def texts(name: str) -> str:
    files = [PLAYBOOKS / f"{name}.yml", *PLAYBOOKS.glob(f"tasks/{name}_*.yml")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def read(name: str) -> set[str]:
    """The variables with the playbook's prefix that it reads but does not set."""
    text = texts(name)
    used = set(re.findall(rf"\b{name}_[a-z_]+\b", text))
    files = {path.stem for path in PLAYBOOKS.glob(f"tasks/{name}_*.yml")}
    own = set(re.findall(rf"(?:register: |^ +)({name}_[a-z_]+)(?:$|:(?= |$))", text, re.MULTILINE))
    return used - own - files


def roles(name: str) -> set[str]:
    """The variables of the roles that it names, at every entry."""
    found: set[str] = set()
    for role in set(re.findall(r"inouter\.haproxy\.(\w+)", texts(name))):
        file = PLAYBOOKS.parent / "roles" / role / "meta/argument_specs.yml"
        if file.exists():
            entries = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]
            found |= {option for entry in entries.values() for option in entry.get("options", {})}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_documented(name: str) -> None:
    documented = set(options(name)) - {"target"}
    assert read(name) - roles(name) <= documented <= read(name) | roles(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_play_checks_its_variables(name: str) -> None:
    (play,) = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
    assert play["validate_argspec"] == name
    assert options(name)["target"]["default"] in play["hosts"]


@pytest.mark.parametrize("name", NAMES)
def test_each_variable_is_described(name: str) -> None:
    for variable, option in options(name).items():
        assert option["description"], variable
        assert (option["type"] == "list") == ("elements" in option), variable
