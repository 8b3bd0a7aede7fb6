#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""List the servers of domains of an HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_server_info
short_description: List the servers of domains of an HAProxy
version_added: 0.1.0
description:
  - Returns the servers of one domain's pool, as the database on the host holds them, beside what
    the running HAProxy says of each.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.info
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
options:
  domain:
    description:
      - A domain of this HAProxy.
    type: str
    required: true
seealso:
  - module: inouter.haproxy.haproxy_server
  - module: inouter.haproxy.haproxy_health_info
"""

EXAMPLES = r"""
- name: List the servers of a domain
  inouter.haproxy.haproxy_server_info:
    domain: example.com
  register: servers
"""

RETURN = r"""
domain:
  description: The domain as it is stored.
  type: str
  returned: success
  sample: example.com
pool:
  description: The pool that serves the domain.
  type: str
  returned: success
  sample: pool_5
free_slots:
  description: The slots of the pool that hold no server.
  type: list
  elements: int
  returned: success
  sample: [2, 3]
servers:
  description: The servers of the pool.
  type: list
  elements: dict
  returned: success
  contains:
    slot:
      description: The slot in the pool.
      type: int
      sample: 1
    name:
      description: The server's name in HAProxy.
      type: str
      sample: pool_5_1
    ip:
      description: The server's address.
      type: str
      sample: 10.0.0.1
    http_port:
      description: The server's port.
      type: int
      sample: 80
    weight:
      description: The server's weight.
      type: int
      sample: 1
    state:
      description: The state that was asked for.
      type: str
      sample: ready
    status:
      description: What HAProxy says of the server, or null where HAProxy does not run.
      type: str
      sample: UP
    connections:
      description: Requests that are under way or queued, or null where HAProxy does not run.
      type: int
      sample: 0
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.lists import (
    list_servers,
)


def servers(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """List the servers."""
    return list_servers(instance, module.params["domain"])


def main() -> None:
    """Run the module."""
    run_module({**instance_spec(), "domain": {"type": "str", "required": True}}, servers)


if __name__ == "__main__":
    main()
