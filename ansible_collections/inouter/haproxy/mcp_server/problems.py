# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the server. Each message is a sentence for the person, or the agent, who reads it."""

from __future__ import annotations


class ConfigurationProblem(Exception):
    """The server cannot start, or cannot use a host, the way it is set up."""


class UnknownTarget(ConfigurationProblem):
    """A call names a host or group that the inventory does not have."""


class HostProblem(Exception):
    """One host could not answer."""


class Unreachable(HostProblem):
    """There is no connection to the host, or it broke."""


class ReadFailed(HostProblem):
    """The core on the host refused a question.

    :param kind: the class of the core's error, such as `UnknownDomain`
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
