# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process: carries out one write after the other with ansible-runner, on its main thread.

It reads one JSON object a line, `{"run": {...}}` or `{"cancel": true}`, and writes
`{"host": ..., "status": ..., "result": ...}` and `{"said": ...}` as they come, `{"answered": true}`
when all hosts have answered, and `{"ended": STATUS}` when nothing of the job runs any more.
"""

from __future__ import annotations

import json
import math
import os
import select
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ansible_runner

from .folder import remove_job

SECONDS_TO_LOOK = 0.2
STATUS = {
    "runner_on_ok": "ok",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "unreachable",
}
SPOKEN = ("verbose", "warning", "error")


class Channel:
    """The lines between this process and the server."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._rest = b""

    def read(self) -> dict[str, Any] | None:
        """The next object, or None when the server is gone."""
        while b"\n" not in self._rest:
            more = os.read(self._reading, 1 << 16)
            if not more:
                return None
            self._rest += more
        line, _newline, self._rest = self._rest.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    def is_ready(self) -> bool:
        """Whether read() would not wait long."""
        return b"\n" in self._rest or bool(select.select([self._reading], [], [], 0)[0])

    def write(self, said: dict[str, Any]) -> None:
        """Send an object; a server that is gone is noticed by read()."""
        text = json.dumps(said).encode() + b"\n"
        try:
            while text:
                text = text[os.write(self._writing, text) :]
        except BrokenPipeError:
            return


class Run:
    """One write."""

    def __init__(self, channel: Channel, asked: dict[str, Any]) -> None:
        self._channel = channel
        self._asked = asked
        self._folder = Path(asked["folder"])

    def carry_out(self) -> str:
        """Run the playbook and return how it ended; the folder is gone then."""
        self._folder.mkdir(mode=0o700)
        try:
            return self._run()
        finally:
            remove_job(self._folder)

    def _run(self) -> str:
        (self._folder / "results").mkdir(mode=0o700)
        playbook = self._folder / "playbook.yml"
        with os.fdopen(os.open(playbook, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(self._asked["playbook"])
        done = ansible_runner.run(
            private_data_dir=str(self._folder),
            playbook=str(playbook),
            inventory=self._asked["inventory"],
            quiet=True,
            event_handler=self._hear,
            cancel_callback=self._is_cancelled,
            timeout=math.ceil(self._asked["timeout"]),
            fact_cache_type="memory",
            settings={"pexpect_timeout": SECONDS_TO_LOOK, "suppress_output_file": True},
        )
        return str(done.status)

    def _hear(self, event: dict[str, Any]) -> bool:
        """Pass on what matters; False, so that ansible-runner keeps no event."""
        kind = event.get("event", "")
        if kind in STATUS:
            self._answer(STATUS[kind], event["event_data"])
        elif kind == "playbook_on_stats":
            self._channel.write({"answered": True})
        elif kind in SPOKEN and event.get("stdout", "").strip():
            self._channel.write({"said": event["stdout"].strip()})
        return False

    def _answer(self, status: str, data: dict[str, Any]) -> None:
        path = self._folder / "results" / quote(data["host"], safe="")
        told = data["res"]
        result = json.loads(path.read_text()) if path.exists() else told
        # Ansible takes them out of what a module said, and gives them with the task's result.
        result["warnings"] = told.get("warnings") or result.get("warnings") or []
        if status == "ok" and result.get("changed"):
            status = "changed"
        self._channel.write({"host": data["host"], "status": status, "result": result})

    def _is_cancelled(self) -> bool:
        """Whether the server says so, or is gone: nothing else comes during a run."""
        return self._channel.is_ready()


def main() -> None:
    """Carry out what the server sends, until it is gone."""
    channel = Channel(os.dup(0), os.dup(1))
    # Whatever is printed here or in a job must not come between the lines.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    os.umask(0o077)
    os.environ.pop("PYTHONPATH", None)
    while (said := channel.read()) is not None:
        if "run" in said:
            channel.write({"ended": Run(channel, said["run"]).carry_out()})


if __name__ == "__main__":
    main()
