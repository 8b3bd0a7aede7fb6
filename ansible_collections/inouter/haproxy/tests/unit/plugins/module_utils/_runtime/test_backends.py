# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that make a pool while HAProxy runs."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import backends
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command

NAME_TAKEN = "Error during backend creation : name is already used by other proxy"


@pytest.mark.parametrize(
    ("command", "text", "done", "refused"),
    [
        (
            backends.add_backend(101, "pools"),
            "add backend pool_101 from pools",
            ["New backend registered.", f"{NAME_TAKEN} 'backend pool_101'."],
            [f"{NAME_TAKEN} 'backend pool_1010'.", "Cannot find default proxy 'pools'.", ""],
        ),
        (
            backends.publish_backend(101),
            "publish backend pool_101",
            ["Backend published."],
            ["No such backend.", ""],
        ),
        (
            backends.add_slot(101, 2, ["check", "inter", "2s"]),
            "add server pool_101/pool_101_2 192.0.2.1:80 check inter 2s",
            ["New server registered.", "Already exists a server with the same name in backend."],
            ["unknown keyword 'foo'; did you mean 'tfo' maybe ?", ""],
        ),
        (
            backends.enable_checks(101, 2),
            "enable health pool_101/pool_101_2",
            [""],
            ["Health checks are not configured on this server, cannot enable."],
        ),
    ],
    ids=["add_backend", "publish_backend", "add_slot", "enable_checks"],
)
def test_commands(command: Command, text: str, done: list[str], refused: list[str]) -> None:
    assert command.text == text
    assert all(command.succeeded(f"{reply}\n") for reply in done)
    assert not any(command.succeeded(f"{reply}\n") for reply in refused)


def test_a_slot_without_checks() -> None:
    assert backends.add_slot(3, 1, []).text == "add server pool_3/pool_3_1 192.0.2.1:80"


def test_an_option_may_call_a_sample_fetch() -> None:
    made = backends.add_slot(3, 1, ["ssl", "sni", "req.hdr(host),host_only"])
    assert made.text.endswith("/pool_3_1 192.0.2.1:80 ssl sni req.hdr(host),host_only")


@pytest.mark.parametrize("option", ["check;disable", "a b", "a\n", "()", 'str("x")'])
def test_an_option_is_one_word(option: str) -> None:
    with pytest.raises(InvalidInput):
        backends.add_slot(3, 1, [option, "frontend"])
