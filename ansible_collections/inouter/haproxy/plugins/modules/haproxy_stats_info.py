#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Read what a running HAProxy counts."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_stats_info
short_description: Read what a running HAProxy counts
version_added: 0.1.0
description:
  - Returns the fields of HAProxy's own statistics with numbers as numbers and empty fields as null.
  - Field names are those of HAProxy's management manual, sections 9.1 (CSV format) and 9.3
    (show info).
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.info
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
options: {}
seealso:
  - module: inouter.haproxy.haproxy_health_info
"""

EXAMPLES = r"""
- name: Read the statistics
  inouter.haproxy.haproxy_stats_info:
  register: stats

- name: Show how many sessions each server has
  ansible.builtin.debug:
    var: stats.connections
"""

RETURN = r"""
process:
  description: The process, as C(show info) gives it.
  type: dict
  returned: success
  sample:
    Name: HAProxy
    Version: 3.2.26-1
    Uptime_sec: 3600
frontends:
  description: A row of C(show stat) for each frontend.
  type: list
  elements: dict
  returned: success
  sample:
    - pxname: http
      svname: FRONTEND
      status: OPEN
      stot: 10
backends:
  description: A row of C(show stat) for each backend.
  type: list
  elements: dict
  returned: success
  sample:
    - pxname: pool_5
      svname: BACKEND
      status: UP
servers:
  description: A row of C(show stat) for each server. Free slots are left out.
  type: list
  elements: dict
  returned: success
  sample:
    - pxname: pool_5
      svname: pool_5_1
      status: UP
      weight: 1
connections:
  description: Sessions under way, by server.
  type: dict
  returned: success
  sample:
    pool_5_1: 3
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.stats import (
    read_statistics,
)


def stats(_module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Read the statistics."""
    return read_statistics(instance.api)


def main() -> None:
    """Run the module."""
    run_module(instance_spec(), stats)


if __name__ == "__main__":
    main()
