# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How tools are declared: a function of typed arguments that says what is to be read or changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp_types import ToolAnnotations

from .answers import Answer, Answers, Changes

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
REPLACES = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
RELOADS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False
)
ORDERS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
RENEWS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True
)

Function = Callable[..., Any]


@dataclass(frozen=True)
class Entry:
    """One tool.

    :param function: from the tool's own arguments to a Question, an Order, or for a tool that does
        more than ask once, to its answers
    :param answers: the type of its result
    """

    function: Function
    toolset: str
    title: str
    annotations: ToolAnnotations
    answers: Any

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.function.__name__

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not self.annotations.read_only_hint

    @property
    def destructive(self) -> bool:
        """Whether it removes or replaces something, so that the user is asked first."""
        return self.writes and bool(self.annotations.destructive_hint)

    @property
    def description(self) -> str:
        """What an agent is told."""
        return " ".join((self.function.__doc__ or "").split())


class Toolset:
    """A group of tools that can be switched on and off together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: list[Entry] = []

    def read(self, title: str, answer: type[Answer]) -> Callable[[Function], Function]:
        """Declare a tool that asks each host one question, or gives its own answers."""
        return self._add(title, READS, Answers[answer])  # type: ignore[valid-type]

    def write(self, title: str, annotations: ToolAnnotations) -> Callable[[Function], Function]:
        """Declare a tool that runs one module task on each host."""
        return self._add(title, annotations, Changes)

    def _add(
        self, title: str, annotations: ToolAnnotations, answers: Any
    ) -> Callable[[Function], Function]:
        def declared(function: Function) -> Function:
            self.entries.append(Entry(function, self.name, title, annotations, answers))
            return function

        return declared
