# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One job of the fork server: a child that is ansible-playbook, with everything loaded already."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, NoReturn

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Request(NamedTuple):
    """What the shim was started with.

    :param files: its standard input, output and error
    """

    argv: list[str]
    env: dict[str, str]
    cwd: str
    files: tuple[int, int, int]


def die_with_parent() -> None:
    """Let the kernel send SIGTERM when the parent is gone, however it went."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(request: Request, parent: int, packed: Path) -> NoReturn:
    """Become ansible-playbook and end with its exit status. Called in a fresh fork."""
    os.setsid()
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)
    # Ansible's own workers are in sessions of their own, where no other signal reaches them.
    os.register_at_fork(after_in_child=die_with_parent)
    _take_over(request)
    atexit._clear()
    status = 1
    try:
        _own_temporary_folder(Path(request.cwd), packed)
        _tell_runner(request.env["AWX_ISOLATED_DATA_DIR"])
        status = _playbook(request.argv)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _take_over(request: Request) -> None:
    for number, given in enumerate(request.files):
        os.dup2(given, number)
        os.close(given)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(request.env)
    os.chdir(request.cwd)


def _own_temporary_folder(folder: Path, packed: Path) -> None:
    """Let no two jobs meet, but share the modules that are packed already."""
    from ansible import constants

    own = Path(tempfile.mkdtemp(prefix="ansible-", dir=folder))
    (own / "ansiballz_cache").symlink_to(packed)
    constants.set_constant("DEFAULT_LOCAL_TMP", str(own))


def _tell_runner(folder: str) -> None:
    """Aim ansible-runner's callback at this job: it read its environment when it was loaded."""
    callback = sys.modules["ansible.plugins.callback.awx_display"]
    callback.event_context.cache.private_data_dir = folder


def _playbook(argv: list[str]) -> int:
    from ansible.cli.playbook import PlaybookCLI

    try:
        PlaybookCLI.cli_executor(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 1
