# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write on its way: what was asked for, what came back so far, and the answer."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

from .task import HostResult, Task, TaskFailed, WriteError

FALLBACK = "The fork server cannot be used"
LONGEST_WORDS = 2000
HIDDEN = "(hidden)"
OF_NO_USE = ("exception", "invocation", "_ansible_no_log", "_ansible_verbose_always")
NEVER_OF_A_SECRET = ("module_stdout", "module_stderr")

log = logging.getLogger(__name__)


class Job:
    """One call of `Writes.run`. `answer` gets the results, or a TaskFailed."""

    def __init__(self, number: int, task: Task) -> None:
        self.number = number
        self.task = task
        self.answer: asyncio.Future[list[HostResult]] = asyncio.get_running_loop().create_future()
        self.cancelled = False
        self.waits_for = "a free worker"
        self._began = time.monotonic()
        self._results: dict[str, HostResult] = {}
        self._said: list[str] = []
        self._warnings: list[str] = []

    @property
    def seconds(self) -> float:
        """How long ago the call came."""
        return time.monotonic() - self._began

    def words(self) -> str:
        """What happens now."""
        name, where = self.task.module.rpartition(".")[2], ", ".join(self.task.hosts)
        if self.waits_for:
            return f"{name} on {where} waits for {self.waits_for}"
        return f"{name} runs on {where}"

    def take(self, said: dict[str, Any]) -> None:
        """Note what a worker reported."""
        if "host" in said:
            self._take_result(said["host"], said["status"], said["result"])
        elif "said" in said:
            self._take_words(said["said"])
        elif "answered" in said:
            self.finish("The task ended")
        elif "ended" in said:
            self.finish(self._how(said["ended"]))

    def _take_result(self, host: str, status: Any, result: dict[str, Any]) -> None:
        kept = {key: value for key, value in result.items() if key not in OF_NO_USE}
        if self.task.secret:
            kept = self._without_secrets(kept)
        elif "Traceback" in str(result.get("exception")):
            log.error("%s broke down on %s: %s", self.task.module, host, result["exception"])
        if self._warnings:
            kept["warnings"] = [*kept.get("warnings", []), *self._warnings]
        self._results[host] = HostResult(host, status, kept)

    def _take_words(self, words: str) -> None:
        if FALLBACK in words:
            log.warning("%s", words)
            self._warnings.append(words.partition("]: ")[2] or words)
        else:
            self._said.append(words)

    def _without_secrets(self, result: dict[str, Any]) -> dict[str, Any]:
        """The result without the lines of each longer text that was sent, such as a key."""
        shown = {key: value for key, value in result.items() if key not in NEVER_OF_A_SECRET}
        text = json.dumps(shown)
        for line in sorted(_secret_lines(self.task.arguments), key=len, reverse=True):
            text = text.replace(json.dumps(line)[1:-1], HIDDEN)
        hidden: dict[str, Any] = json.loads(text)
        return hidden

    def _how(self, status: str) -> str:
        seconds = f"{self.task.timeout:g} s"
        return {
            "timeout": f"The task did not end within {seconds} and was ended, here and there",
            "canceled": "The task was cancelled",
        }.get(status, "The task ended")

    def finish(self, how: str) -> None:
        """Answer the caller, if that was not done before."""
        if self.answer.done():
            return
        if not self._results:
            self.fail(TaskFailed(f"{how} before any host gave a result.{self._words()}"))
            return
        missing = {"msg": f"{how} before this host gave a result."}
        self.answer.set_result(
            [self._results.get(h) or HostResult(h, "failed", missing) for h in self.task.hosts]
        )

    def fail(self, error: WriteError) -> None:
        """Let the caller have an error, if it has no answer yet."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # A caller who went away never asks: that is no mistake.

    def _words(self) -> str:
        words = "" if self.task.secret else " ".join(self._said)[:LONGEST_WORDS]
        advice = " Look at the state before you try again."
        return f" Ansible said: {words}" if words else advice


def _secret_lines(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_secret_lines, value.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*map(_secret_lines, value))
    if isinstance(value, str) and "\n" in value.strip():
        return {line for line in value.splitlines() if len(line) > 15}
    return set()
