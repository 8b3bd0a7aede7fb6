# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module is in the action group, and each piece of code has its tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
TESTS = ROOT / "tests" / "unit" / "plugins"


def source_files(folder: str) -> list[Path]:
    found = (PLUGINS / folder).rglob("*.py")
    return sorted(path.relative_to(PLUGINS) for path in found if path.name != "__init__.py")


def test_action_group_names_exactly_the_modules() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = {path.stem for path in source_files("modules")}
    assert set(runtime["action_groups"]["haproxy"]) ^ modules == set()


@pytest.mark.parametrize("folder", ["modules", "module_utils"])
def test_each_source_file_has_unit_tests(folder: str) -> None:
    wanted = [path.with_name("test_" + path.name.lstrip("_")) for path in source_files(folder)]
    missing = [str(path) for path in wanted if not (TESTS / path).is_file()]
    assert not missing, "missing below tests/unit/plugins:\n" + "\n".join(missing)
