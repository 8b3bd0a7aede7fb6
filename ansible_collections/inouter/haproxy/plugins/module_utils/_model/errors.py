# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the core. Each message is a sentence for the person who reads it."""

from __future__ import annotations

from typing import Any


class HaproxyError(Exception):
    """Anything that the core reports to its caller; `str(error)` is the whole message."""


class InvalidInput(HaproxyError):
    """A value that a caller gave cannot be used.

    :param option: name of the option, with its index in a list: `servers[2].ip`
    :param problem: what is wrong, as the rest of a sentence that starts with the value
    :param allowed: what is allowed, as a sentence of its own
    """

    def __init__(self, option: str, value: Any, problem: str, allowed: str) -> None:
        super().__init__(f"{option}: {value!r} {problem}. {allowed}")
        self.option = option
        self.value = value


class UnknownDomain(InvalidInput):
    """A domain that the instance does not have, where one is needed that exists."""

    def __init__(self, option: str, domain: str, allowed: str) -> None:
        super().__init__(option, domain, "is not a domain of this instance", allowed)


class Conflict(HaproxyError):
    """The value is well formed, but what exists already does not allow it."""


class Busy(HaproxyError):
    """Another writer held the host's lock for the whole time that was waited."""


class StoreProblem(HaproxyError):
    """The database is missing, damaged or made by a newer release."""


class Damaged(StoreProblem):
    """What the database holds is not what was written to it."""


class NoDatabase(StoreProblem):
    """The host has not been set up yet."""


class NotRunning(HaproxyError):
    """No HAProxy listens at the runtime address."""


class Unusable(HaproxyError):
    """HAProxy may run, but its Runtime API cannot be used."""


class Refused(HaproxyError):
    """HAProxy answered a command with something else than success.

    :param command: the command as it was sent
    :param reply: HAProxy's own words
    """

    def __init__(self, command: str, reply: str) -> None:
        words = reply.strip() or "an empty answer where a reply was due"
        super().__init__(f"HAProxy refused {command!r}: {words}")
        self.command = command
        self.reply = reply

    @property
    def leaving(self) -> bool:
        """Whether a worker said so that ends, because a reload has put another in its place."""
        return "Proxy is disabled" in self.reply


class NotConverged(HaproxyError):
    """What HAProxy or the files hold still differs after it was set."""
