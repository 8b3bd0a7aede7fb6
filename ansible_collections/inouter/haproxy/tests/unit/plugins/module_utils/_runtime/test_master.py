# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master's socket: workers, and reloads that succeed or fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import NotRunning
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import master
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.master import Reload
from ansible_collections.inouter.haproxy.tests.unit.support.script import Script
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer

HEADER = "#<PID>          <type>          <reloads>       <uptime>        <version>       \n"
MASTER = "1740            master          1 [failed: 0]   0d00h00m08s     3.2.26-1        \n"
FAILED = "[ALERT] (1741) : config : Error(s) found in configuration file : /c/haproxy.cfg"


def worker(pid: int) -> str:
    return f"{pid}            worker          0               0d00h00m05s     3.2.26-1        \n"


def answered(tmp_path: Path, command: str, reply: str) -> str:
    path = str(tmp_path / "s")
    script = Script((command, reply), ("quit", ""))
    with LineServer(path, script):
        found = master.workers(path, 5) if command == "show proc" else master.reload(path, 5)
    script.end()
    return repr(found)


@pytest.mark.parametrize(
    ("tables", "pids"),
    [
        (f"# workers\n{worker(1800)}# old workers\n{worker(1750)}# programs\n\n", [1800]),
        (f"# workers\n{worker(1800)}{worker(1790)}# programs\n\n", [1800, 1790]),
        (f"# workers\n# old workers\n{worker(1750)}\n", []),
    ],
)
def test_workers(tmp_path: Path, tables: str, pids: list[int]) -> None:
    assert answered(tmp_path, "show proc", HEADER + MASTER + tables) == repr(pids)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Success=1\n--\n", Reload(True, "")),
        ("Success=1\n--\n[WARNING] x\n\n", Reload(True, "[WARNING] x")),
        (f"Success=0\n--\n{FAILED}\n\n", Reload(False, FAILED)),
        ("Permission denied\n\n", Reload(False, "Permission denied")),
        ("", Reload(False, "")),
    ],
)
def test_reload(tmp_path: Path, reply: str, expected: Reload) -> None:
    assert answered(tmp_path, "reload", reply) == repr(expected)


def test_no_master(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="No HAProxy listens"):
        master.reload(str(tmp_path / "s"), 5)
