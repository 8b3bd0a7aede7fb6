# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking the configuration, and reloading it under the host's lock."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .._files import atomic
from .._instance.convergence import Convergence
from .._instance.instance import Instance
from .._instance.settings import Settings
from .._instance.write import write
from .._model.errors import HaproxyError
from .._runtime import commands, master, statistics
from .._runtime.api import RuntimeApi

RELOAD_SECONDS = 60.0
PAUSE_SECONDS = 0.05

Run = Callable[[Sequence[str]], tuple[int, str, str]]
"""Runs a program with these arguments: exit code, standard output, standard error."""


class Checked(NamedTuple):
    """What HAProxy says of its configuration."""

    valid: bool
    output: str


class Reloaded(NamedTuple):
    """The worker that served before a reload, and the one that was seen to serve after it."""

    worker_before: int
    worker: int
    output: str


def check(instance: Instance, settings: Settings, run: Run) -> Checked:
    """Let HAProxy itself check the configuration that its next start would load."""
    conf = settings.haproxy_conf or instance.paths.conf
    files = ["-f", f"{conf}/haproxy.cfg", "-f", f"{conf}/pools"]
    code, out, err = run([settings.haproxy_binary, "-c", *files])
    if code == 127:
        raise HaproxyError(
            f"The program {settings.haproxy_binary} cannot be run: {err} Set haproxy_binary of"
            " inouter.haproxy.haproxy_instance to where HAProxy is."
        )
    return Checked(code == 0, (out + err).strip())


def require_valid(instance: Instance, settings: Settings, run: Run) -> Checked:
    """The same; raises HaproxyError with HAProxy's own words where it is not valid."""
    checked = check(instance, settings, run)
    if not checked.valid:
        raise HaproxyError(f"HAProxy does not accept its configuration: {checked.output}")
    return checked


def reload(instance: Instance, settings: Settings, run: Run) -> Reloaded:
    """Check, reload through the master socket, and wait until the new worker answers.

    Raises HaproxyError where the configuration or the reload failed; the old worker goes on.
    """
    with instance.lock("reload"):
        require_valid(instance, settings, run)
        before = _worker(instance.api)
        answer = master.reload(instance.paths.master_socket, RELOAD_SECONDS)
        if not answer.succeeded:
            raise HaproxyError(
                f"HAProxy did not reload and serves on with the old worker: {answer.output}"
            )
        after = _new_worker(instance, before)
    return Reloaded(before, after, answer.output)


def _new_worker(instance: Instance, before: int) -> int:
    deadline = time.monotonic() + RELOAD_SECONDS
    while time.monotonic() < deadline:
        worker = _worker(instance.api)
        if worker != before and worker in master.workers(instance.paths.master_socket, 10):
            return worker
        time.sleep(PAUSE_SECONDS)
    raise HaproxyError(
        f"HAProxy said that it reloaded, but after {RELOAD_SECONDS:g} s the Runtime API is still"
        f" answered by the old worker (pid {before})."
    )


def _worker(api: RuntimeApi) -> int:
    (info,) = api.ask([commands.show_info()])
    return int(statistics.info_fields(info)["Pid"] or 0)


def checked_config(instance: Instance, run: Run) -> dict[str, Any]:
    """The result of a check; raises HaproxyError where the configuration is not valid."""
    checked = require_valid(instance, _settings(instance), run)
    return {"changed": False, "output": checked.output}


def reloaded_config(instance: Instance, run: Run, check_mode: bool) -> dict[str, Any]:
    """The result of a reload, after which everything is made to agree with the database."""
    content = atomic.read(instance.paths.config) or b""
    plan = {"config_digest": hashlib.sha256(content).hexdigest()}
    if check_mode:
        return {**checked_config(instance, run), **plan, "changed": True}
    instance.review(plan)
    done = reload(instance, _settings(instance), run)
    outcome = write(instance, "haproxy_config", Convergence())
    return {"changed": True, "verified": outcome.verified, **plan, **done._asdict()}


def _settings(instance: Instance) -> Settings:
    with instance.store() as store:
        return Settings.of_rows(store.settings())
