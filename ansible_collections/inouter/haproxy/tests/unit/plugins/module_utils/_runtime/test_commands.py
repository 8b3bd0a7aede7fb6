# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands: their text, what their success looks like, and that no value can escape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import commands
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import (
    Command,
    word,
)
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import hostile

BY = " by 'stats socket command'"
IPV6 = Server("2001:db8::1", 8080)
ADDRESS = commands.set_address(1, 2, IPV6)
WEIGHT = commands.set_weight(1, 2, 50)
STATE = commands.set_state(1, 2, "ready")
HEALTH = commands.set_health_down(1, 2)
ADD = commands.add_map("/c/m.map", "a.test", "pool_1")
SET = commands.set_map("/c/m.map", "a.test", "pool_1")
DELETE = commands.del_map("/c/m.map", "a.test")
DELETE_ENTRY = commands.del_map_entry("/c/m.map", "0x55848f254660")
UNKNOWN_MAP = "Unknown map identifier. Please use #<id> or <file>.\n"
DENIED = "Permission denied\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (commands.show_version(), "show version"),
        (commands.show_info(), "show info"),
        (commands.show_stat(), "show stat"),
        (commands.show_stat("pool_3"), "show stat pool_3 7 -1"),
        (commands.show_servers_state(0), "show servers state"),
        (commands.show_servers_state(3), "show servers state pool_3"),
        (commands.show_map("/c/m.map"), "show map /c/m.map"),
        (commands.get_map("/c/m.map", "*.a.test"), "get map /c/m.map *.a.test"),
        (ADD, "add map /c/m.map a.test pool_1"),
        (SET, "set map /c/m.map a.test pool_1"),
        (DELETE, "del map /c/m.map a.test"),
        (DELETE_ENTRY, "del map /c/m.map #0x55848f254660"),
        (ADDRESS, "set server pool_1/pool_1_2 addr 2001:db8::1 port 8080"),
        (WEIGHT, "set server pool_1/pool_1_2 weight 50"),
        (STATE, "set server pool_1/pool_1_2 state ready"),
        (HEALTH, "set server pool_1/pool_1_2 health down"),
    ],
)
def test_text(command: Command, text: str) -> None:
    assert command.text == text


SUCCESSES = [
    *((silent, "") for silent in (ADD, SET, DELETE, DELETE_ENTRY, WEIGHT, STATE, HEALTH)),
    (ADDRESS, f"IP changed from '0.0.0.0' to '127.0.0.1', port changed from '80' to '19001'{BY}\n"),
    (ADDRESS, f"IP changed from '0.0.0.0' to '127.0.0.2'{BY}\n"),
    (ADDRESS, f"IP changed from '::1' to '2001:db8::1', port changed from '1' to '8080'{BY}\n"),
    (ADDRESS, f"IP changed from '::1' to '::2', no need to change the port{BY}\n"),
    (ADDRESS, f"no need to change the addr, port changed from '+0' to '19003'{BY}\n"),
    (ADDRESS, f"no need to change the addr, no need to change the port{BY}\n"),
    (ADDRESS, f"port changed from '+0' to '19003'{BY}\n"),
    (ADDRESS, "nothing changed\n"),
    (commands.show_version(), "3.2.26-1\n"),
    (commands.show_info(), "Name: HAProxy\nVersion: 3.2.26-1\n"),
    (commands.show_stat(), "# pxname,svname\n"),
    (commands.get_map("/c/m.map", "a.test"), "type=str, case=sensitive, found=no\n"),
    (commands.show_map("/c/m.map"), ""),
    (commands.show_map("/c/m.map"), "0x1 a.test pool_1\n"),
    (commands.show_servers_state(1), "1\n# be_id be_name\n"),
]


@pytest.mark.parametrize(("command", "reply"), SUCCESSES)
def test_success(command: Command, reply: str) -> None:
    assert command.succeeded(reply)


FAILURES = [
    *((ADD, reply) for reply in (UNKNOWN_MAP, DENIED, "'add map' expects three parameters\n")),
    *((SET, reply) for reply in (UNKNOWN_MAP, DENIED, "entry not found.\n")),
    *((DELETE, reply) for reply in (UNKNOWN_MAP, DENIED, "Key not found.\n")),
    *((DELETE_ENTRY, reply) for reply in (UNKNOWN_MAP, "Key not found.\n")),
    *(
        (command, reply)
        for command in (ADDRESS, WEIGHT, STATE, HEALTH)
        for reply in (
            "No such server.\n",
            "No such backend.\n",
            "Require 'backend/server'.\n",
            DENIED,
            "Unknown command: 'set', but maybe one of the following ones is a better match:\n",
            "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port\n",
        )
    ),
    (WEIGHT, "Absolute weight can only be between 0 and 256 inclusive.\n"),
    (WEIGHT, "Empty weight string empty or preceded by garbage\n"),
    (STATE, "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n"),
    (ADDRESS, ""),
    (ADDRESS, f"Invalid addr 'foo.bar'{BY}\n"),
    (ADDRESS, "Invalid addr '999.1.1.1'\n"),
    (ADDRESS, "Invalid addr 'unix@/srv/x'\n"),
    (ADDRESS, "problem converting port 'abc' to an int\n"),
    (ADDRESS, f"no need to change the addr, problem converting port 'abc' to an int{BY}\n"),
    (
        ADDRESS,
        "no need to change the addr, can't change <port> to port map because it is"
        f" incompatible with current health check port configuration{BY}\n",
    ),
    (
        ADDRESS,
        "Update for the current server address family is only supported through"
        f" configuration file{BY}\n",
    ),
    (commands.show_info(), DENIED),
    (commands.show_stat("pool_99"), "No such proxy.\n"),
    (commands.get_map("/c/m.map", "a.test"), UNKNOWN_MAP),
]


@pytest.mark.parametrize(("command", "reply"), FAILURES)
def test_failure(command: Command, reply: str) -> None:
    assert not command.succeeded(reply)


@pytest.mark.parametrize("reply", ["x", "Success", "nothing changed", "\0"])
def test_silent_commands_take_no_word_for_success(reply: str) -> None:
    assert not ADD.succeeded(f"{reply}\n")


TEXT_BUILDERS: list[Callable[[str], Command]] = [
    commands.show_stat,
    commands.show_map,
    lambda text: commands.get_map(text, "a.test"),
    lambda text: commands.get_map("/m", text),
    lambda text: commands.add_map(text, "a.test", "pool_1"),
    lambda text: commands.add_map("/m", text, "pool_1"),
    lambda text: commands.add_map("/m", "a.test", text),
    lambda text: commands.set_map(text, "a.test", "pool_1"),
    lambda text: commands.set_map("/m", text, "pool_1"),
    lambda text: commands.set_map("/m", "a.test", text),
    lambda text: commands.del_map(text, "a.test"),
    lambda text: commands.del_map("/m", text),
    lambda text: commands.del_map_entry(text, "0x1"),
    lambda text: commands.del_map_entry("/m", text),
    lambda text: commands.set_address(1, 1, Server(text)),
    lambda text: commands.set_state(1, 1, text),
]


@pytest.mark.parametrize("build", TEXT_BUILDERS)
@given(hostile)
@example("a;disable frontend http")
@example("a\nshow info")
@example("<<")
@example("a <<")
@example("a\\")
@example("#1")
@example("\u00e9")
def test_no_text_can_start_another_command(build: Callable[[str], Command], text: str) -> None:
    try:
        command = build(text)
    except InvalidInput as error:
        assert repr(text) in str(error)
        return
    words = command.text.split(" ")
    assert len(words) == len(build("x").text.split(" ")) or not text
    assert command.text.isascii() and command.text.isprintable()
    assert not any(mark in command.text for mark in (";", "<<", "\\", "'", '"'))


@pytest.mark.parametrize("number", ["80;show info", "80 1", "", None])
@pytest.mark.parametrize(
    "build",
    [
        lambda n: commands.set_weight(1, 1, n),
        lambda n: commands.set_address(1, 1, Server("::1", n)),
    ],
)
def test_numbers_are_numbers(build: Callable[[Any], Command], number: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        build(number)


@pytest.mark.parametrize("text", ["", " ", "a b", "a\tb", "a\0", "a;b", "<", "#", '"a"', "é"])
def test_word_names_what_it_refuses(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        word(text)
    assert str(caught.value).startswith(f"Runtime API word: {text!r} cannot be sent to HAProxy")
