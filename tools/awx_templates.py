# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes deploy/awx/job_templates.yml: a job template with a survey for each playbook.

The questions are those of the playbook's own arguments, so that both always agree.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PLAYBOOKS = Path("ansible_collections/inouter/haproxy/playbooks")
OUTPUT = ROOT / "deploy/awx/job_templates.yml"
HEADER = """\
---
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Written by tools/awx_templates.py from the arguments of the playbooks. Do not change it by hand.

"""
TYPES = {"int": "integer", "str": "text", "path": "text", "raw": "text", "list": "text"}


class Indented(yaml.SafeDumper):
    """Indents lists below their keys, as yamllint wants it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent, whatever is asked for."""
        super().increase_indent(flow, False)


def question(variable: str, option: dict[str, Any]) -> dict[str, Any]:
    """One question of a survey."""
    choices = option.get("choices") or (["true", "false"] if option["type"] == "bool" else [])
    kind = "multiplechoice" if choices else TYPES[option["type"]]
    default = option.get("default", "")
    shown = ", ".join(default) if isinstance(default, list) else default
    return {
        "question_name": variable.replace("_", " ").capitalize(),
        "question_description": " ".join(option["description"].split()),
        "variable": variable,
        "type": "password" if option.get("no_log") else kind,
        "required": bool(option.get("required")),
        "default": str(shown).lower() if isinstance(shown, bool) else shown,
        "choices": choices,
        "min": 0,
        "max": 2**31 - 1 if kind == "integer" else 65536,
    }


def template(path: Path) -> dict[str, Any]:
    """The job template of the playbook with these arguments."""
    name = path.name.removesuffix(".meta.yml")
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"][name]
    # A survey's answers are words; lists of dictionaries are given as extra variables.
    asked = {k: o for k, o in spec["options"].items() if o.get("elements") != "dict"}
    return {
        "name": f"HAProxy: {name}",
        "description": spec["short_description"],
        "playbook": str(PLAYBOOKS / f"{name}.yml"),
        "ask_variables_on_launch": True,
        "ask_limit_on_launch": True,
        "ask_job_type_on_launch": True,
        "ask_diff_mode_on_launch": True,
        "survey_enabled": True,
        "survey_spec": {
            "name": name,
            "description": spec["short_description"],
            "spec": [question(variable, option) for variable, option in asked.items()],
        },
    }


def written() -> str:
    """The file's content."""
    metas = sorted((ROOT / PLAYBOOKS).glob("*.meta.yml"))
    templates = {"awx_job_templates": [template(path) for path in metas]}
    text: str = yaml.dump(templates, Dumper=Indented, sort_keys=False, width=88)
    return HEADER + text


def main() -> int:
    """Write the file, or with --check tell whether it is as it would be written."""
    if sys.argv[1:] != ["--check"]:
        OUTPUT.write_text(written(), encoding="utf-8")
        return 0
    current = OUTPUT.read_text(encoding="utf-8") == written()
    if not current:
        print(f"{OUTPUT} is not what the playbooks ask for: run tools/awx_templates.py")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
