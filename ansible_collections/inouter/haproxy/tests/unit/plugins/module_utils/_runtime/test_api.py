# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of commands: how many connections, and what an answer that does not fit means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    NotRunning,
    Refused,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import commands
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import (
    LINE_LIMIT,
    RuntimeApi,
    batches,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command
from ansible_collections.inouter.haproxy.tests.unit.support.script import Script
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer

ADD = commands.add_map("/m", "a.test", "pool_1")
SET = commands.set_map("/m", "b.test", "pool_2")
DELETE = commands.del_map("/m", "c.test")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "s")


def test_commands_of_a_batch_share_a_connection(path: str) -> None:
    script = Script((ADD.text, "\n"), (SET.text, "entry not found.\n\n"), (DELETE.text, "\n"))
    api = RuntimeApi(path)
    with LineServer(path, script) as server:
        assert api.ask([ADD, SET, DELETE]) == ["", "entry not found.", ""]
    assert (api.connections, len(server.lines)) == (1, 1)
    script.end()


def test_no_command_needs_no_connection(path: str) -> None:
    api = RuntimeApi(path)
    assert api.ask([]) == []
    api.do([])
    assert api.connections == 0


def test_many_commands_share_few_connections(path: str) -> None:
    asked = [commands.add_map("/m", f"{number}.test", "pool_1") for number in range(2000)]
    script = Script(*((command.text, "\n") for command in asked))
    api = RuntimeApi(path)
    with LineServer(path, script) as server:
        api.do(asked)
    script.end()
    total = sum(len(command.text) + 1 for command in asked)
    assert api.connections == len(server.lines) == -(-total // LINE_LIMIT)
    assert all(len(line) < 15000 for line in server.lines)


@given(st.lists(st.integers(1, 9000), max_size=30))
def test_batches_keep_the_order_and_the_limit(lengths: list[int]) -> None:
    asked = [Command("x" * length) for length in lengths]
    made = list(batches(asked))
    assert [command for batch in made for command in batch] == asked
    assert all(batch for batch in made)
    assert all(len(";".join(c.text for c in batch)) + 1 <= LINE_LIMIT for batch in made)
    for batch, following in zip(made, made[1:]):
        assert len(";".join(c.text for c in [*batch, following[0]])) + 1 > LINE_LIMIT


def test_do_names_the_first_command_that_was_refused(path: str) -> None:
    script = Script((ADD.text, "\n"), (SET.text, "entry not found.\n\n"), (DELETE.text, "no\n\n"))
    with LineServer(path, script), pytest.raises(Refused) as caught:
        RuntimeApi(path).do([ADD, SET, DELETE])
    assert str(caught.value) == f"HAProxy refused {SET.text!r}: entry not found."


@pytest.mark.parametrize("reply", ["", "\n", "\n\n\n", "only half an answer"])
def test_a_wrong_number_of_answers_is_unusable(path: str, reply: str) -> None:
    script = Script((ADD.text, reply), (SET.text, ""))
    with LineServer(path, script), pytest.raises(Unusable) as caught:
        RuntimeApi(path).ask([ADD, SET])
    assert f"{reply.count(chr(10))} answers to 2 commands that began with {ADD.text!r}" in str(
        caught.value
    )
    assert repr(reply) in str(caught.value)


def test_a_level_that_is_too_low_is_said_so(path: str) -> None:
    script = Script((ADD.text, "Permission denied\n"), (SET.text, "Permission denied\n\n"))
    with LineServer(path, script), pytest.raises(Unusable, match="not the level admin"):
        RuntimeApi(path).do([ADD, SET])


def test_a_refused_command_shows_that_the_level_is_too_low(path: str) -> None:
    script = Script((ADD.text, "Permission denied\n\n"))
    with LineServer(path, script), pytest.raises(Refused, match="Permission denied"):
        RuntimeApi(path).do([ADD])


def test_a_haproxy_that_does_not_run(path: str) -> None:
    with pytest.raises(NotRunning, match="No HAProxy listens"):
        RuntimeApi(path).ask([ADD])


def test_a_haproxy_that_is_silent(path: str) -> None:
    with LineServer(path, lambda line: None), pytest.raises(Unusable, match="did not answer"):
        RuntimeApi(path, timeout=0.05).ask([ADD])


def test_tcp(path: str) -> None:
    script = Script((commands.show_version().text, "3.2.26-1\n\n"))
    with LineServer(("127.0.0.1", 0), script) as server:
        api = RuntimeApi(f"127.0.0.1:{server.address[1]}")
        assert api.ask([commands.show_version()]) == ["3.2.26-1"]
    assert str(api) == f"127.0.0.1:{server.address[1]}"


def test_an_unexpected_command_fails_the_test(path: str) -> None:
    server = LineServer(path, Script(("show info", "\n"))).__enter__()
    with pytest.raises(Unusable, match="gave 0 answers"):
        RuntimeApi(path).ask([ADD])
    with pytest.raises(AssertionError, match="expected 'show info'"):
        server.__exit__()


def test_an_answer_that_is_cut_off_is_no_success(path: str) -> None:
    too_big = "The command line is too big for the buffer size. Please change tune.bufsize\n"
    with LineServer(path, Script((ADD.text, too_big))), pytest.raises((Refused, Unusable)):
        RuntimeApi(path).do([ADD])
