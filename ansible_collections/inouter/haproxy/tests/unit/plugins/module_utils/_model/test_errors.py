# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors' messages are whole sentences, and all are caught by one name."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model import errors
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
    Refused,
)


def test_invalid_input_names_the_option_and_the_value() -> None:
    error = InvalidInput("servers[2].ip", "a b", "is not an IP address", "An address is needed")
    assert str(error) == "servers[2].ip: 'a b' is not an IP address. An address is needed"
    assert (error.option, error.value) == ("servers[2].ip", "a b")


def test_refused_quotes_the_command_and_the_words_of_haproxy() -> None:
    error = Refused("set map m a.test pool_1", "entry not found.\n")
    assert str(error) == "HAProxy refused 'set map m a.test pool_1': entry not found."
    assert (error.command, error.reply) == ("set map m a.test pool_1", "entry not found.\n")


@pytest.mark.parametrize("reply", ["", "\n", " \n"])
def test_refused_says_that_an_answer_is_missing(reply: str) -> None:
    assert str(Refused("show info", reply)).endswith("an empty answer where a reply was due")


@pytest.mark.parametrize(
    "name",
    [
        "InvalidInput",
        "Conflict",
        "Busy",
        "StoreProblem",
        "NotRunning",
        "Unusable",
        "Refused",
        "NotConverged",
    ],
)
def test_each_error_is_a_haproxy_error(name: str) -> None:
    assert issubclass(getattr(errors, name), HaproxyError)
