#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tell whether an HAProxy, or one of its domains, is well."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_health_info
short_description: Tell whether an HAProxy, or one of its domains, is well
version_added: 0.1.0
description:
  - Without O(domain) it looks at the system, which is the HAProxy process, its files, the database
    and the container.
  - With O(domain) it looks at the servers of that domain.
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
seealso:
  - module: inouter.haproxy.haproxy_stats_info
  - module: inouter.haproxy.haproxy_server_info
"""

EXAMPLES = r"""
- name: Fail unless the system is well
  inouter.haproxy.haproxy_health_info:
  register: health
  failed_when: health.status != 'healthy'

- name: Look at one domain
  inouter.haproxy.haproxy_health_info:
    domain: example.com
"""

RETURN = r"""
status:
  description:
    - Of the system V(healthy), V(degraded) or V(down), which means that HAProxy does not answer.
    - Of a domain V(healthy) where all servers are up, V(degraded) where some are, V(down) where
      none is, V(no_servers) where it has none.
  type: str
  returned: success
  sample: healthy
components:
  description: The parts of the system, each with a status and what else is known of it.
  type: dict
  returned: when O(domain) is not given
  sample:
    haproxy:
      status: ok
      version: 3.2.26-1
      uptime_sec: 3600
    config_files:
      status: ok
      files:
        haproxy_cfg: ok
        domains_map: ok
        wildcards_map: ok
        pools: ok
    database:
      status: ok
      check: ok
      domains: 3
      pools_used: 2
      generation: 42
      cut_off_writes: []
    container:
      status: unused
domain:
  description: The domain as it is stored.
  type: str
  returned: when O(domain) is given
  sample: example.com
pool:
  description: The pool that serves the domain.
  type: str
  returned: when O(domain) is given
  sample: pool_5
servers:
  description: The servers of the domain, and what HAProxy's checks say of them.
  type: list
  elements: dict
  returned: when O(domain) is given
  sample:
    - name: pool_5_1
      addr: 10.0.0.1:80
      status: UP
      check_status: L4OK
      healthy: true
healthy_count:
  description: How many servers are up.
  type: int
  returned: when O(domain) is given
  sample: 1
total_count:
  description: How many servers the domain has.
  type: int
  returned: when O(domain) is given
  sample: 1
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import (
    run_module,
    run_program,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.health import (
    domain_health,
    system_health,
)


def health(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Look at the system or at one domain."""
    domain = module.params["domain"]
    if domain is None:
        return system_health(instance, run_program(module))
    return domain_health(instance, domain)


def main() -> None:
    """Run the module."""
    run_module({**instance_spec(), "domain": {"type": "str"}}, health)


if __name__ == "__main__":
    main()
