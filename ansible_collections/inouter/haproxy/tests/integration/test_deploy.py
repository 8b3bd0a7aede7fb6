# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX and Kubernetes are given agrees with the collection."""

from __future__ import annotations

import subprocess
import sys

from .lab.managed import ROOT


def test_job_templates_are_those_of_the_playbooks() -> None:
    command = [sys.executable, "tools/awx_templates.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
