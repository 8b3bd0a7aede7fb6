# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two controllers at once, one that prunes and one that adds."""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .lab.managed import Managed, run_module
from .lab.states import comparable, put_back

ROUNDS = 200
Task = tuple[str, dict[str, Any]]
PRUNING: Task = (
    "haproxy_domains",
    {
        "domains": [
            {"domain": "kept.test", "servers": [{"ip": "127.0.0.3", "slot": 1}]},
            {"domain": "www.kept.test", "share_with": "kept.test"},
            {"domain": "new.test", "ip": "127.0.0.4"},
        ],
        "prune": True,
        "prune_limit": 100,
    },
)
ADDING: Task = ("haproxy_domain", {"domain": "added.test", "ip": "127.0.0.5"})


@pytest.mark.timeout(1200)
@pytest.mark.haproxy("3.2")
def test_every_result_is_one_of_both_serial_orders(haproxy_binary: Path, tmp_path: Path) -> None:
    """In 200 rounds database, files and HAProxy are as if the one had waited for the other."""
    managed = Managed(haproxy_binary, tmp_path / "haproxy", pools=5, slots=2)
    managed.start()
    for number, name in enumerate(("kept.test", "old.test")):
        managed.module("haproxy_domain", domain=name, ip=f"127.0.0.{number + 1}")
    saved = tmp_path / "saved"
    shutil.copytree(managed.base_dir / "conf", saved)
    orders = [serial(managed, saved, order) for order in ((PRUNING, ADDING), (ADDING, PRUNING))]
    assert orders[0] != orders[1]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as controllers:
        rounds = [together(controllers, managed, saved, turn) for turn in range(ROUNDS)]
    seen = [orders.index(after) for after in rounds]
    managed.process.stop()
    assert set(seen) == {0, 1}, "the one never came before the other"


def serial(managed: Managed, saved: Path, tasks: tuple[Task, Task]) -> object:
    """What comes of one after the other."""
    put_back(managed, saved)
    for name, options in tasks:
        managed.module(name, **options)
    return comparable(managed)


def together(controllers: ProcessPoolExecutor, managed: Managed, saved: Path, turn: int) -> object:
    """What comes of both at once, in two processes; they are started in turns."""
    put_back(managed, saved)
    tasks = (PRUNING, ADDING) if turn % 2 else (ADDING, PRUNING)
    started = [
        controllers.submit(run_module, name, managed.options(options)) for name, options in tasks
    ]
    assert all(run.result(timeout=60)["verified"] for run in started)
    return comparable(managed)
