# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's words, exit codes and errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._program import main as program
from ansible_collections.inouter.haproxy.plugins.plugin_utils.core_archive import core_archive


def run(*words: str) -> int:
    return program.main(["/opt/haproxy/lib/inouter-haproxy.pyz", *words])


def test_all_is_well(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--base-dir", instance.paths.base, "converge") == 0
    assert capsys.readouterr() == ("Nothing to do.\n", "")


def test_a_problem_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--base-dir", str(tmp_path), "converge") == 1
    out, err = capsys.readouterr()
    assert (out, err.startswith(f"There is no database at {tmp_path}")) == ("", True)


def test_wrong_words(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["nothing"], ["deploy", "--name", "a.test"]):
        with pytest.raises(SystemExit, match="2"):
            run(*words)
        assert "usage: inouter-haproxy.pyz" in capsys.readouterr().err


def test_the_archive_runs_anywhere(instance: Instance, tmp_path: Path) -> None:
    """It knows its instance by where it lies, and needs nothing but a Python."""
    folder = Path(instance.paths.base, "lib")
    folder.mkdir()
    archive = folder / "inouter-haproxy.pyz"
    archive.write_bytes(core_archive())
    assert core_archive() == archive.read_bytes()
    done = subprocess.run(
        [sys.executable, "-I", archive, "converge"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.defpath},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing to do.\n", "")
