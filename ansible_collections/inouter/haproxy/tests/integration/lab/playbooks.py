# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks on one host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from .managed import ROOT

Variables = dict[str, Any]


class Playbooks:
    """Runs plays on one host and tells what each task did."""

    def __init__(self, folder: Path, variables: Variables) -> None:
        self.folder = folder
        self.inventory = folder / "inventory.yml"
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": {"lb": variables}}}))

    def run(self, play: dict[str, Any], *arguments: str) -> dict[str, Any]:
        """Run a play; its JSON result, or an AssertionError with its output."""
        playbook = self.folder / "playbook.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "lb", **play}]))
        command: list[str | Path] = [
            Path(sys.executable).parent / "ansible-playbook",
            "-i",
            self.inventory,
        ]
        done = subprocess.run(
            [*command, *arguments, playbook],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        warned = "WARNING" in done.stdout + done.stderr
        assert not warned or "--check" in arguments, done.stdout + done.stderr
        return {"changed": _changed(done.stdout), "output": done.stdout}


def _changed(output: str) -> int:
    recap = next(line for line in output.splitlines() if "changed=" in line)
    return int(recap.split("changed=")[1].split()[0])
