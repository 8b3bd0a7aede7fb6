#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Add, change or remove one domain of a running HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_domain
short_description: Add, change or remove a domain of a running HAProxy
version_added: 0.1.0
description:
  - Routes a domain to servers, or stops doing so, with no reload and no lost request.
  - The database, the files that HAProxy reads at start, and the running process are made to agree,
    and are read back.
  - A domain has a pool of its own, or shares that of another domain.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
options:
  domain:
    description:
      - A host name such as V(example.com), a wildcard for one label such as V(*.example.com),
        or an international name, which is stored in its C(xn--) form.
      - An exact name wins over a wildcard.
    type: str
    required: true
  state:
    description:
      - V(present) adds the domain or changes it.
      - V(absent) removes it. The last domain of a pool clears the pool's servers.
    type: str
    choices: [present, absent]
    default: present
  ip:
    description:
      - The IPv4 or IPv6 address of the server in slot 1 of the domain's pool.
      - Other slots stay as they are, unless O(prune=true).
    type: str
  http_port:
    description:
      - The port of the server that O(ip) names.
    type: int
    default: 80
  servers:
    description:
      - The servers of the domain's pool.
      - Servers that are not in the list stay, unless O(prune=true).
    type: list
    elements: dict
    suboptions:
      slot:
        description:
          - The slot in the pool, from 1 to the number of slots.
          - V(0) takes the slot that has this address already, else the next free one.
        type: int
        default: 0
      ip:
        description:
          - The server's IPv4 or IPv6 address.
          - It can be left out for a slot that holds a server.
        type: str
      http_port:
        description:
          - The server's port.
        type: int
        default: 80
      weight:
        description:
          - The server's share of the requests, from 0 to 256.
          - A new server gets 1, which is HAProxy's own default. One that exists keeps what it has.
        type: int
      state:
        description:
          - V(ready) takes requests, V(drain) only ends those it has, V(maint) takes none and is not
            checked.
          - A new server is V(ready). A server that exists keeps what it has.
        type: str
        choices: [ready, drain, maint]
  prune:
    description:
      - Whether servers of the pool that the task does not name are removed.
      - It does nothing where neither O(ip) nor O(servers) is given.
    type: bool
    default: false
  share_with:
    description:
      - Another domain, whose pool this one shares.
      - Removing this domain then keeps the servers.
    type: str
  pool:
    description:
      - The pool to use, such as V(pool_7). It must be free, or be the domain's pool already.
      - A domain that has another pool is moved, with its servers and all that share it.
      - Without this option a new domain takes a free pool. Where all are in use, HAProxy 3.4 and
        newer are given another one while they run.
    type: str
seealso:
  - module: inouter.haproxy.haproxy_domain_info
  - module: inouter.haproxy.haproxy_server
"""

EXAMPLES = r"""
- name: Serve a domain from one server
  inouter.haproxy.haproxy_domain:
    domain: example.com
    ip: 10.0.0.1
    http_port: 8080

- name: Serve all its sub-domains that have no entry of their own from two servers
  inouter.haproxy.haproxy_domain:
    domain: "*.example.com"
    servers:
      - ip: 10.0.0.1
      - ip: 2001:db8::1
        weight: 2

- name: Let another name use the same servers
  inouter.haproxy.haproxy_domain:
    domain: www.example.com
    share_with: example.com

- name: Remove a domain
  inouter.haproxy.haproxy_domain:
    domain: old.example.com
    state: absent
"""

RETURN = r"""
domain:
  description: The domain as it is stored.
  type: str
  returned: but in check mode where a domain that is named does not exist yet
  sample: example.com
pool:
  description: The pool that serves the domain. In check mode it is the one that would.
  type: str
  returned: when O(state=present)
  sample: pool_5
share_with:
  description: The domain whose pool is shared, or null.
  type: str
  returned: when O(state=present)
  sample: example.com
servers:
  description: The servers of the pool.
  type: list
  elements: dict
  returned: when O(state=present)
  sample:
    - slot: 1
      name: pool_5_1
      ip: 10.0.0.1
      http_port: 80
      weight: 1
      state: ready
persisted:
  description: Whether the database and the files hold what was asked for.
  type: bool
  returned: success
  sample: true
applied:
  description: Whether the running HAProxy was told. It is false where none runs.
  type: bool
  returned: success
  sample: true
verified:
  description: Whether it was read back from HAProxy and the files.
  type: bool
  returned: success
  sample: true
generation:
  description: The number of the newest change in the history.
  type: int
  returned: success
  sample: 42
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    servers_spec,
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import run_write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)


def change_domain(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Carry the task out and describe the domain."""
    options = module.params
    request = DomainRequest(
        domain=options["domain"],
        present=options["state"] == "present",
        servers=options["servers"],
        ip=options["ip"],
        http_port=options["http_port"],
        share_with=options["share_with"],
        pool=options["pool"],
        prune=options["prune"],
        version=instance.running_version,
    )
    return run_write(module, instance, request)


def main() -> None:
    """Run the module."""
    spec = {
        **write_spec(),
        "domain": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "ip": {"type": "str"},
        "http_port": {"type": "int", "default": 80},
        "servers": servers_spec(),
        "prune": {"type": "bool", "default": False},
        "share_with": {"type": "str"},
        "pool": {"type": "str"},
    }
    exclusive = [("share_with", "ip"), ("share_with", "servers"), ("share_with", "pool")]
    run_module(spec, change_domain, mutually_exclusive=[*exclusive, ("ip", "servers")])


if __name__ == "__main__":
    main()
