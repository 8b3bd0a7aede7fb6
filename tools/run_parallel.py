# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs commands side by side: run_parallel.py NAME COMMAND [NAME COMMAND]...

Each job's output is shown in one piece when the job ends. All jobs run to their end.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

LOGS = Path(".cache/logs")
# What tools/lint and pytest say at their ends.
SUMMARY = re.compile(
    r"^(Failed: .*|=+ .*\b(passed|failed|errors?)\b.* in [\d.]+s.* =+)$", re.MULTILINE
)


@dataclass
class Job:
    name: str
    command: str
    seconds: float = 0
    code: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def run(self) -> Job:
        began = time.monotonic()
        with self.log.open("wb") as log:
            # Its own session, so that stop() reaches whatever the job has started.
            self.process = subprocess.Popen(
                self.command, shell=True, stdout=log, stderr=log, start_new_session=True
            )
            self.code = self.process.wait()
        self.seconds = time.monotonic() - began
        return self

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def summary(self) -> str:
        ending = f"failed with code {self.code}" if self.code else "passed"
        lines = [found[0] for found in SUMMARY.finditer(self.output())]
        return "\n".join([f"{self.name} {ending} after {self.seconds:.0f} s", *lines])


def run_all(jobs: list[Job]) -> None:
    with ThreadPoolExecutor(len(jobs)) as pool:
        try:
            for future in as_completed([pool.submit(job.run) for job in jobs]):
                job = future.result()
                print(f"\n===== {job.name} =====\n{job.output()}", flush=True)
        except BaseException:
            for job in jobs:
                job.stop()
            raise


def main(words: list[str]) -> int:
    jobs = [Job(name, command) for name, command in zip(words[::2], words[1::2], strict=True)]
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    print(f"Running {' and '.join(job.name for job in jobs)}; logs grow in {LOGS}/", flush=True)
    run_all(jobs)
    print("\n".join(job.summary() for job in jobs))
    return 1 if any(job.code for job in jobs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
