# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several managed HAProxys on this machine, changed together by real playbooks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .managed import ROOT, Managed

Variables = dict[str, Any]
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


class Run:
    """How one playbook ended."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output

    @property
    def report(self) -> dict[str, dict[str, Any]]:
        """The report's entry of each host, from what the role keeps for a workflow."""
        found = re.search(r"\n\tRUN: (\{.*\})\n", self.output)
        assert found, self.output
        entries = json.loads(found[1])["fleet_report"]["hosts"]
        return {entry["host"]: entry for entry in entries}

    def outcomes(self) -> dict[str, str]:
        """What became of each host."""
        return {name: entry["outcome"] for name, entry in self.report.items()}

    def sides(self, host: str) -> tuple[Any, Any, Any]:
        """What is persisted, applied and verified."""
        entry = self.report[host]
        return entry["persisted"], entry["applied"], entry["verified"]

    def changed(self) -> dict[str, int]:
        """How many tasks changed something on each host."""
        found = re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", self.output, re.MULTILINE)
        return {host: int(count) for host, count in found}


class Fleet:
    """HAProxy hosts `lb1`, `lb2`, ..., each with its own folder and connection."""

    def __init__(
        self,
        binary: Path,
        folder: Path,
        count: int,
        kind: type[Managed] = Managed,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.hosts = [kind(binary, folder / f"lb{n}", **options) for n in range(1, count + 1)]
        self.variables: dict[str, Variables] = {
            f"lb{n}": {**LOCAL, "haproxy_base_dir": str(host.base_dir)}
            for n, host in enumerate(self.hosts, 1)
        }

    def start(self) -> None:
        """Start all HAProxys."""
        for host in self.hosts:
            host.start()

    def stop(self) -> None:
        """Stop all HAProxys."""
        for host in self.hosts:
            host.process.stop()

    def popen(self, playbook: str, *arguments: str, **variables: Any) -> subprocess.Popen[str]:
        """Start one of the collection's playbooks on all hosts."""
        inventory = self.folder / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"haproxy": {"hosts": self.variables}}))
        values = self.folder / "values.json"
        values.write_text(json.dumps({"ansible_become": False, **variables}))
        program = Path(sys.executable).parent / "ansible-playbook"
        command = [str(program), "-i", str(inventory), f"inouter.haproxy.{playbook}"]
        return subprocess.Popen(
            [*command, "-e", f"@{values}", *arguments],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_SHOW_CUSTOM_STATS": "1"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, playbook: str, *arguments: str, **variables: Any) -> Run:
        """Run one of the collection's playbooks on all hosts."""
        return ended(self.popen(playbook, *arguments, **variables))

    def change(
        self, *changes: tuple[str, dict[str, Any]], check: bool = False, **variables: Any
    ) -> Run:
        """Make changes on all hosts, or only check them."""
        mode = ["--check"] if check else []
        return self.run("fleet_change", *mode, fleet_changes=listed(changes), **variables)


def listed(changes: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Changes as the role takes them."""
    return [{"module": module, "options": options} for module, options in changes]


def ended(playbook: subprocess.Popen[str]) -> Run:
    """The end of a playbook that was started."""
    output, _none = playbook.communicate(timeout=240)
    return Run(playbook.returncode, output)
