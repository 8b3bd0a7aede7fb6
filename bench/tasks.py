# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task costs over SSH, beside `ansible.builtin.ping` over the same warm connection."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from ansible_collections.inouter.haproxy.tests.integration.lab.managed import ROOT, Managed
from ansible_collections.inouter.haproxy.tests.integration.lab.sshd import Sshd

from .figures import Figure

TURNS = 12
PING, DOMAIN, INFO = (
    "ansible.builtin.ping",
    "inouter.haproxy.haproxy_domain",
    "inouter.haproxy.haproxy_domain_info",
)


def play(base_dir: Path) -> list[dict[str, Any]]:
    """Pings, changes and reads in turns; the first ones only warm things up."""
    tasks: list[dict[str, Any]] = []
    for turn in range(TURNS + 2):
        domain = {"domain": f"d{turn}.bench.test", "ip": f"127.0.0.{turn + 1}"}
        tasks += [{PING: {}}, {DOMAIN: domain}, {DOMAIN: domain}, {INFO: {}}]
    defaults = {"group/inouter.haproxy.haproxy": {"base_dir": str(base_dir)}}
    return [{"hosts": "lb", "module_defaults": defaults, "tasks": tasks}]


def durations(folder: Path, managed: Managed, sshd: Sshd) -> dict[str, list[float]]:
    """Milliseconds of each task, by what it did."""
    playbook = folder / "bench.yml"
    playbook.write_text(yaml.safe_dump(play(managed.base_dir)))
    variables = {**sshd.inventory_vars(), "ansible_python_interpreter": "/usr/bin/python3"}
    (folder / "runner").mkdir()
    run = ansible_runner.run(
        private_data_dir=str(folder / "runner"),
        playbook=str(playbook),
        inventory={"all": {"hosts": {"lb": variables}}},
        envvars={"ANSIBLE_CONFIG": f"{ROOT}/ansible.cfg", "ANSIBLE_COLLECTIONS_PATH": str(ROOT)},
        quiet=True,
    )
    assert run.rc == 0, run.stdout.read()
    found: dict[str, list[float]] = {}
    for event in run.events:
        if event["event"] == "runner_on_ok":
            data = event["event_data"]
            kind = f"{data['task_action']} {data['res']['changed']}"
            found.setdefault(kind, []).append(data["duration"] * 1000)
    return {kind: times[2:] for kind, times in found.items()}


def tasks(binary: Path, folder: Path) -> Iterator[Figure]:
    """A changed domain, one that is there already, and a read, each against a ping."""
    managed = Managed(binary, folder / "tasks", pools=100)
    managed.start()
    (folder / "sshd").mkdir()
    sshd = Sshd(folder / "sshd")
    sshd.start()
    try:
        taken = {k: statistics.median(t) for k, t in durations(folder, managed, sshd).items()}
    finally:
        sshd.stop()
        managed.process.stop()
    ping = taken[f"{PING} False"]
    yield Figure("ansible.builtin.ping task over warm SSH", ping, "ms")
    for kind, name in (
        (f"{DOMAIN} True", "haproxy_domain task that adds a domain"),
        (f"{DOMAIN} False", "haproxy_domain task with nothing to do"),
        (f"{INFO} False", "haproxy_domain_info task"),
    ):
        yield Figure(name, taken[kind], "ms", "ping", taken[kind] / ping)
