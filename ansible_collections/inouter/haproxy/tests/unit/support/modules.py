# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module in this process, as Ansible would on the host."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args

COLLECTION = Path(__file__).parents[3]
PACKAGE = "ansible_collections.inouter.haproxy.plugins"
# What an action plugin does on the controller is not run on the host.
ACTIONS = {path.stem for path in (COLLECTION / "plugins/action").glob("haproxy_*.py")}
FILES = {path.stem for path in (COLLECTION / "plugins/modules").glob("haproxy_*.py")}
NAMES = sorted(FILES - ACTIONS)

Result = dict[str, Any]


def module_named(name: str) -> Any:
    """The Python module of an Ansible module."""
    return importlib.import_module(f"{PACKAGE}.modules.{name}")


def run_main(main: Callable[[], None], options: dict[str, Any], **switches: Any) -> Result:
    """Run a main() with these options and return what it printed."""
    warnings._global_warnings.clear()  # A process of its own would begin with none.
    given = {f"_ansible_{name}": value for name, value in switches.items()}
    printed = io.StringIO()
    ended = contextlib.suppress(SystemExit)
    with patch_module_args({**options, **given}), contextlib.redirect_stdout(printed), ended:
        main()
    result: Result = json.loads(printed.getvalue())
    # As Ansible does on the controller.
    return {"changed": False, **result}


def run_module(name: str, options: dict[str, Any], check: bool = False) -> Result:
    """Run a module of the collection with --diff."""
    full_name = f"inouter.haproxy.{name}"
    main = module_named(name).main
    return run_main(main, options, module_name=full_name, check_mode=check, diff=True)


def documentation(name: str) -> dict[str, Any]:
    """A module's documentation, with the fragments that it builds on."""
    own: dict[str, Any] = yaml.safe_load(module_named(name).DOCUMENTATION)
    merged: dict[str, Any] = {"options": {}, "attributes": {}}
    for part in [*map(_fragment, own["extends_documentation_fragment"]), own]:
        merged["options"].update(part.get("options") or {})
        for attribute, values in (part.get("attributes") or {}).items():
            merged["attributes"].setdefault(attribute, {}).update(values)
    return {**own, **merged}


def _fragment(name: str) -> dict[str, Any]:
    _collection, _dot, rest = name.partition("inouter.haproxy.")
    file, _dot, section = rest.partition(".")
    found = importlib.import_module(f"{PACKAGE}.doc_fragments.{file}").ModuleDocFragment
    part: dict[str, Any] = yaml.safe_load(getattr(found, (section or "DOCUMENTATION").upper()))
    return part
