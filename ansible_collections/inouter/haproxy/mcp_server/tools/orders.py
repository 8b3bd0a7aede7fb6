# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tool asks of a host: a question to the core, or a module task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COLLECTION = "inouter.haproxy"
ISSUE_SECONDS = 900.0


@dataclass(frozen=True)
class Question:
    """Something to read.

    :param read: its name in the responder
    """

    read: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 20.0


@dataclass(frozen=True)
class Order:
    """Something to change, by one task of one module.

    :param secret: whether the arguments hold a private key
    :param seconds: how long it may take
    """

    module: str
    arguments: Mapping[str, Any]
    secret: bool = False
    seconds: float = 300.0

    @property
    def full_name(self) -> str:
        """The module's full name."""
        return f"{COLLECTION}.{self.module}"

    def given(self) -> dict[str, Any]:
        """The arguments without those that were left out."""
        return {name: value for name, value in self.arguments.items() if value is not None}
