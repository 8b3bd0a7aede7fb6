#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Let a host work on its HAProxy by itself."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_program
short_description: Let a host work on its HAProxy by itself
version_added: 0.1.0
description:
  - Puts the code of this collection on the host as one file, C(lib/inouter-haproxy.pyz) below
    O(base_dir), which the host's own Python runs.
  - Timers and acme.sh call it to renew and load certificates and to make HAProxy agree with the
    database. It does so in the same way as the modules, and needs no controller.
  - C(python3 /opt/haproxy/lib/inouter-haproxy.pyz --help) tells what it can do.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.program
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
notes:
  - Options other than O(base_dir) are accepted because the modules of the action group share them.
seealso:
  - module: inouter.haproxy.haproxy_cert
  - module: inouter.haproxy.haproxy_state
"""

EXAMPLES = r"""
- name: Put the program on the host
  inouter.haproxy.haproxy_program:
"""

RETURN = r"""
path:
  description: Where the program is.
  type: str
  returned: success
  sample: /opt/haproxy/lib/inouter-haproxy.pyz
"""

# The action plugin of this name does the work.
