# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations


class ModuleDocFragment:
    """Which HAProxy is meant, and how long to wait for others who change it."""

    DOCUMENTATION = r"""
options:
  base_dir:
    description:
      - The folder below which everything of this HAProxy lies on the host.
    type: path
    default: /opt/haproxy
  runtime_api:
    description:
      - Where HAProxy's Runtime API listens, as the absolute path of a socket or as C(host:port).
      - The default is C(run/admin.sock) below O(base_dir).
    type: str
requirements:
  - HAProxy 2.8 or newer on the host.
  - Python 3.9 or newer on the host. Nothing but its standard library is used.
"""

    LOCK = r"""
options:
  lock_timeout:
    description:
      - How many seconds to wait while somebody else changes this HAProxy.
    type: int
    default: 60
  plan_id:
    description:
      - The name of a plan that the MCP server made of this task's check mode.
      - The task then fails, with nothing changed, where it would do something else by now.
    type: str
  expected_generation:
    description:
      - The generation that the task was made for. Where somebody has changed this HAProxy since,
        the task fails and changes nothing.
      - The results of all modules that write tell the C(generation).
    type: int
"""
