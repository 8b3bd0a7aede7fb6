# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Runtime API of one HAProxy: batches of commands, one connection a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .._model.errors import Refused, Unusable
from .commands import Command
from .replies import split_replies
from .transport import Address, exchange, parse_address, shown

if TYPE_CHECKING:
    from typing import Protocol

    class Step(Protocol):
        """More than one command, or none."""

        def carry_out(self, api: RuntimeApi) -> None:
            """Take the step."""


# HAProxy takes a line of up to tune.bufsize, 16384 bytes by default.
LINE_LIMIT = 15000
TIMEOUT_SECONDS = 10.0


class RuntimeApi:
    """Sends commands to one address.

    `connections` counts the connections that were opened.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.address: Address = parse_address(address)
        self.timeout = timeout
        self.connections = 0

    def __str__(self) -> str:
        return shown(self.address)

    def ask(self, commands: Sequence[Command]) -> list[str]:
        """The replies to these commands, in their order.

        Raises NotRunning, or Unusable where the number of replies is not that of the commands.
        """
        replies: list[str] = []
        for batch in batches(commands):
            replies += self._batch(batch)
        return replies

    def do(self, commands: Sequence[Command]) -> None:
        """Run these commands. Raises Refused for the first whose reply is not its success.

        HAProxy runs the rest of a batch after an error: the caller has to look or to undo.
        """
        for command, reply in zip(commands, self.ask(commands)):
            if not command.succeeded(reply):
                raise Refused(command.shown, reply)

    def carry_out(self, steps: Iterable[Command | Step]) -> None:
        """Take these steps in order; commands in a row share connections. Raises Refused."""
        row: list[Command] = []
        for step in steps:
            if isinstance(step, Command):
                row.append(step)
                continue
            self.do(row)
            row = []
            step.carry_out(self)
        self.do(row)

    def _batch(self, batch: Sequence[Command]) -> list[str]:
        self.connections += 1
        text = exchange(self.address, ";".join(command.text for command in batch), self.timeout)
        replies = split_replies(text)
        if len(replies) == len(batch):
            return replies
        if "Permission denied" in text:
            raise Unusable(f"The Runtime API at {self} has not the level admin: Permission denied.")
        raise Unusable(
            f"The Runtime API at {self} gave {len(replies)} answers to {len(batch)} commands"
            f" that began with {batch[0].shown!r}. Its answer began: {text[:200]!r}"
        )


def batches(commands: Sequence[Command]) -> Iterator[list[Command]]:
    """Cut the commands into runs whose `;`-joined line stays below LINE_LIMIT bytes."""
    batch: list[Command] = []
    length = 0
    for command in commands:
        if batch and length + len(command.text) + 1 > LINE_LIMIT:
            yield batch
            batch, length = [], 0
        batch.append(command)
        length += len(command.text) + 1
        if command.ends_line:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch
