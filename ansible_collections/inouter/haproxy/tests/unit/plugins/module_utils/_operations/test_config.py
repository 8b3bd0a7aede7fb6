# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking the configuration, and reloads that succeed, fail or lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Busy,
    HaproxyError,
    NotRunning,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.plan import (
    Agreement,
    PlanChanged,
    plan_id,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations import config
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.config import (
    Checked,
    check,
    checked_config,
    reloaded_config,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.tests.unit.support.simulated import Simulated
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

NO_FILE = hashlib.sha256(b"").hexdigest()
BEFORE, AFTER = 4711, 4800
WORDS = "[ALERT] (1) : config : Error(s) found in configuration file : haproxy.cfg"


class Program:
    """Plays haproxy -c."""

    def __init__(self, code: int = 0, out: str = "", err: str = "") -> None:
        self.answer = code, out, err
        self.asked: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> tuple[int, str, str]:
        self.asked.append(list(arguments))
        return self.answer


@contextmanager
def master(
    instance: Instance, simulated: Simulated, reply: str, pid: int = AFTER, *listed: int
) -> Iterator[list[str]]:
    """Play the master: after `reload` the worker `pid` answers, and the listed ones are shown."""
    lines: list[str] = []

    def answer(line: str) -> bytes:
        lines.append(line)
        if line.startswith("show proc"):
            shown = "".join(f"{worker} worker 0\n" for worker in listed or (pid,))
            return f"# workers\n{shown}\n".encode()
        info = f"Name: HAProxy\nVersion: 3.2.26-1\nPid: {pid}\n\n"
        simulated.refuse = lambda command: info if command == "show info" else None
        return reply.encode()

    with LineServer(instance.paths.master_socket, answer):
        yield lines


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        (Settings(), ["haproxy", "-c", "-f", "{conf}/haproxy.cfg", "-f", "{conf}/pools"]),
        (
            Settings(haproxy_conf="/seen", haproxy_binary="/usr/sbin/haproxy"),
            ["/usr/sbin/haproxy", "-c", "-f", "/seen/haproxy.cfg", "-f", "/seen/pools"],
        ),
    ],
)
def test_what_is_run(instance: Instance, settings: Settings, asked: list[str]) -> None:
    program = Program(0, "Configuration file is valid\n")
    assert check(instance, settings, program) == Checked(True, "Configuration file is valid")
    assert program.asked == [[word.format(conf=instance.paths.conf) for word in asked]]


def test_a_valid_configuration(instance: Instance) -> None:
    assert checked_config(instance, Program()) == {"changed": False, "output": ""}


def test_a_bad_configuration_is_said_in_haproxys_words(instance: Instance) -> None:
    with pytest.raises(HaproxyError) as caught:
        checked_config(instance, Program(1, "", f"{WORDS}\n"))
    assert str(caught.value) == f"HAProxy does not accept its configuration: {WORDS}"


def test_a_reload(instance: Instance, simulated: Simulated) -> None:
    program = Program()
    with master(instance, simulated, "Success=1\n--\n[NOTICE] new worker\n\n") as lines:
        result = reloaded_config(instance, program, check_mode=False)
    assert result == {
        "changed": True,
        "verified": True,
        "worker_before": BEFORE,
        "worker": AFTER,
        "output": "[NOTICE] new worker",
        "config_digest": NO_FILE,
    }
    assert lines == ["reload;quit", "show proc;quit"]
    assert len(program.asked) == 1


def test_after_a_reload_everything_agrees_again(instance: Instance, simulated: Simulated) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    simulated.maps[f"{instance.paths.conf}/domains.map"] = []
    with master(instance, simulated, "Success=1\n--\n\n"):
        assert reloaded_config(instance, Program(), check_mode=False)["verified"]
    assert simulated.routes() == {f"{instance.paths.conf}/domains.map": {"a.test": "pool_1"}}


def test_a_bad_configuration_is_never_loaded(instance: Instance, simulated: Simulated) -> None:
    with master(instance, simulated, "") as lines:
        with pytest.raises(HaproxyError, match="does not accept its configuration"):
            reloaded_config(instance, Program(1, "", WORDS), check_mode=False)
        assert lines == []


def test_a_reload_that_fails_is_said_in_haproxys_words(
    instance: Instance, simulated: Simulated
) -> None:
    expected = pytest.raises(HaproxyError, match=r"serves on with the old worker: \[ALERT\] x")
    with master(instance, simulated, "Success=0\n--\n[ALERT] x\n\n", BEFORE), expected:
        reloaded_config(instance, Program(), check_mode=False)


@pytest.mark.parametrize("pids", [(BEFORE, BEFORE), (AFTER, BEFORE)])
def test_a_reload_that_brings_no_new_worker_is_found_out(
    instance: Instance, simulated: Simulated, monkeypatch: pytest.MonkeyPatch, pids: tuple[int, int]
) -> None:
    monkeypatch.setattr(config, "RELOAD_SECONDS", 0.2)
    expected = pytest.raises(HaproxyError, match=rf"answered by the old worker \(pid {BEFORE}\)")
    with master(instance, simulated, "Success=1\n--\n\n", *pids), expected:
        reloaded_config(instance, Program(), check_mode=False)


def test_check_mode_only_checks(instance: Instance, simulated: Simulated) -> None:
    before = everything(instance)
    with master(instance, simulated, "") as lines:
        result = reloaded_config(instance, Program(), check_mode=True)
    assert (result, lines) == ({"changed": True, "output": "", "config_digest": NO_FILE}, [])
    with pytest.raises(HaproxyError, match="does not accept"):
        reloaded_config(instance, Program(1), check_mode=True)
    assert everything(instance) == before


def test_only_what_was_planned_is_loaded(instance: Instance, simulated: Simulated) -> None:
    Path(instance.paths.config).write_text("# one")
    agreed = plan_id(reloaded_config(instance, Program(), check_mode=True))
    Path(instance.paths.config).write_text("# two")
    instance.review = Agreement(agreed).review
    with master(instance, simulated, "") as lines, pytest.raises(PlanChanged):
        reloaded_config(instance, Program(), check_mode=False)
    assert lines == []


def test_a_haproxy_that_does_not_run_cannot_be_reloaded(instance: Instance) -> None:
    with pytest.raises(NotRunning, match="No HAProxy listens"):
        reloaded_config(instance, Program(), check_mode=False)


def test_a_reload_waits_for_the_lock(instance: Instance) -> None:
    with instance.lock("haproxy_domain"), pytest.raises(Busy, match="by haproxy_domain of"):
        reloaded_config(instance, Program(), check_mode=False)
