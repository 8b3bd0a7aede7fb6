# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write is, what it gives, and why it may give nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "changed", "failed", "unreachable"]


@dataclass(frozen=True)
class Task:
    """One module task on some hosts.

    :param hosts: names of hosts of the inventory: no two writes ever run on one of them
    :param module: its full name, such as inouter.haproxy.haproxy_domain
    :param arguments: taken literally: nothing in them is a template
    :param check: check mode, with a diff
    :param secret: the arguments hold a key, so that Ansible prints nothing of the task
    :param timeout: seconds for the whole run, at least 1, without the time spent waiting
    """

    hosts: tuple[str, ...]
    module: str
    arguments: dict[str, Any]
    check: bool = False
    secret: bool = False
    timeout: float = 300.0


@dataclass(frozen=True)
class HostResult:
    """What the module returned on one host, with `diff` and `msg`, without `invocation`."""

    host: str
    status: Status
    result: dict[str, Any] = field(default_factory=dict)


class WriteError(Exception):
    """A write gave no result; the text is a sentence for people."""


class Busy(WriteError):
    """Too many writes wait already. `retry_after` is in seconds."""

    def __init__(self, waiting: int, retry_after: float) -> None:
        super().__init__(
            f"{waiting} writes are waiting already, which is the most."
            f" Nothing was done; try again in {retry_after:.0f} s."
        )
        self.retry_after = retry_after


class TaskFailed(WriteError):
    """No host gave a result."""
