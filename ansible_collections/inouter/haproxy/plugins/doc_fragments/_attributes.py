# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations


class ModuleDocFragment:
    """What check mode, diff mode, idempotence and the action group mean here."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the status it would have, with nothing changed.
  diff_mode:
    description: Returns what differs between what should be and what HAProxy and the files hold.
  idempotent:
    description: A second run with the same options changes nothing.
  action_group:
    description: Options for all modules of the group can be set once with C(module_defaults).
"""

    WRITE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not change anything.
  diff_mode:
    support: none
    details:
      - This module does not change anything.
  idempotent:
    support: full
    details:
      - This module does not change anything.
"""

    PROGRAM = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The program is a zip file.
  idempotent:
    support: full
"""

    ACTIONGROUP_HAPROXY = r"""
options: {}
attributes:
  action_group:
    description: C(group/inouter.haproxy.haproxy) in C(module_defaults) sets options of it.
    support: full
    membership:
      - inouter.haproxy.haproxy
"""
