#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""List the domains of an HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_domain_info
short_description: List the domains of an HAProxy
version_added: 0.1.0
description:
  - Returns domains with their pools and servers, as the database on the host holds them.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.info
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
options:
  domains:
    description:
      - Only these domains. Names that the instance does not have are left out of the result.
      - Without this option all domains are returned.
    type: list
    elements: str
  include_wildcards:
    description:
      - Whether wildcard domains are returned too.
    type: bool
    default: true
seealso:
  - module: inouter.haproxy.haproxy_domain
  - module: inouter.haproxy.haproxy_health_info
"""

EXAMPLES = r"""
- name: List all domains
  inouter.haproxy.haproxy_domain_info:
  register: all_domains

- name: Look one domain up
  inouter.haproxy.haproxy_domain_info:
    domains:
      - example.com
"""

RETURN = r"""
domains:
  description: The domains, sorted by name.
  type: list
  elements: dict
  returned: success
  sample:
    - domain: example.com
      pool: pool_5
      share_with: null
      servers:
        - slot: 1
          name: pool_5_1
          ip: 10.0.0.1
          http_port: 80
          weight: 1
          state: ready
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.lists import (
    list_domains,
)


def domains(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """List the domains."""
    options = module.params
    return {"domains": list_domains(instance, options["domains"], options["include_wildcards"])}


def main() -> None:
    """Run the module."""
    spec = {
        **instance_spec(),
        "domains": {"type": "list", "elements": "str"},
        "include_wildcards": {"type": "bool", "default": True},
    }
    run_module(spec, domains)


if __name__ == "__main__":
    main()
