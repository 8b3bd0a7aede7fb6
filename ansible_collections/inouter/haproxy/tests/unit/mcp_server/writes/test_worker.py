# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines between the server and a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ansible_collections.inouter.haproxy.mcp_server.writes.worker import Channel


class Ends:
    """A channel and the server's ends of its pipes."""

    def __init__(self) -> None:
        reading, self.to_worker = os.pipe()
        self.from_worker, writing = os.pipe()
        self.numbers = [reading, self.from_worker, writing]
        self.channel = Channel(reading, writing)

    def close(self) -> None:
        """Close what a test did not."""
        for number in self.numbers:
            os.close(number)


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Give a channel."""
    made = Ends()
    yield made
    made.close()


def test_lines_come_whole_however_they_are_cut(ends: Ends) -> None:
    os.write(ends.to_worker, b'{"run": {"a"')
    os.write(ends.to_worker, b': 1}}\n{"cancel": true}\n')
    assert ends.channel.read() == {"run": {"a": 1}}
    assert ends.channel.is_ready()
    assert ends.channel.read() == {"cancel": True}
    assert not ends.channel.is_ready()
    os.close(ends.to_worker)
    assert ends.channel.is_ready() and ends.channel.read() is None


def test_an_answer_is_one_line(ends: Ends) -> None:
    ends.channel.write({"said": "two\nlines"})
    assert os.read(ends.from_worker, 100) == b'{"said": "two\\nlines"}\n'
    os.close(ends.to_worker)
