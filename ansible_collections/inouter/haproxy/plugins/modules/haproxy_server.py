#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Add, change or remove servers of one domain of a running HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_server
short_description: Add, change or remove servers of a domain of a running HAProxy
version_added: 0.1.0
description:
  - Puts servers into the slots of a domain's pool, changes their address, weight or state, or takes
    them out, with no reload and no lost request.
  - All domains that share the pool use the same servers.
  - A server that joins others which are healthy gets requests after its first good check.
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
      - A domain of this HAProxy, whose pool is meant.
    type: str
    required: true
  state:
    description:
      - V(present) adds the server or changes it. A new one is ready, and one that exists keeps its
        state.
      - V(ready), V(drain) and V(maint) do the same and set the state. V(drain) ends the requests
        under way and takes no new ones, V(maint) takes none and is not checked.
      - V(absent) takes the server out.
      - With V(ready), V(drain) or V(maint), and neither O(slot), O(ip) nor O(servers), all servers
        of the domain are meant.
    type: str
    choices: [present, absent, ready, drain, maint]
    default: present
  slot:
    description:
      - The slot in the pool, from 1 to the number of slots.
      - V(0) takes the slot that has this address already, else the next free one. Leaving the
        option out does the same where O(ip) is given.
    type: int
  ip:
    description:
      - The server's IPv4 or IPv6 address.
      - It can be left out for a slot that holds a server.
    type: str
  http_port:
    description:
      - The port of the server that O(ip) names.
    type: int
    default: 80
  weight:
    description:
      - The server's share of the requests, from 0 to 256.
      - A new server gets 1, which is HAProxy's own default. One that exists keeps what it has.
    type: int
  servers:
    description:
      - Several servers in one call, instead of O(slot) and O(ip).
      - Where one does not say its weight or state, O(weight) and O(state) count.
    type: list
    elements: dict
    suboptions:
      slot:
        description:
          - The slot, as in O(slot).
        type: int
        default: 0
      ip:
        description:
          - The address, as in O(ip).
        type: str
      http_port:
        description:
          - The port, as in O(http_port).
        type: int
        default: 80
      weight:
        description:
          - The weight, as in O(weight).
        type: int
      state:
        description:
          - The state, as in O(state).
        type: str
        choices: [ready, drain, maint]
  wait_drain:
    description:
      - Whether to wait until the servers have no request under way.
      - With O(state=maint) or O(state=absent) they are drained first. With O(state=present) or
        O(state=ready) there is nothing to wait for.
      - A server that is down, or has nothing to end, is not waited for.
    type: bool
    default: false
  drain_timeout:
    description:
      - How many seconds to wait. After that the task fails and the servers stay in drain.
    type: int
    default: 300
seealso:
  - module: inouter.haproxy.haproxy_server_info
  - module: inouter.haproxy.haproxy_domain
"""

EXAMPLES = r"""
- name: Add a second server to a domain
  inouter.haproxy.haproxy_server:
    domain: example.com
    ip: 10.0.0.2

- name: Take one server out of work once its requests have ended
  inouter.haproxy.haproxy_server:
    domain: example.com
    slot: 2
    state: maint
    wait_drain: true
    drain_timeout: 60

- name: Bring all servers of a domain back
  inouter.haproxy.haproxy_server:
    domain: example.com
    state: ready

- name: Add three servers in one call
  inouter.haproxy.haproxy_server:
    domain: api.example.com
    servers:
      - ip: 10.0.0.1
      - ip: 10.0.0.2
        weight: 2
      - ip: 2001:db8::1
        http_port: 8080
"""

RETURN = r"""
domain:
  description: The domain as it is stored.
  type: str
  returned: when the domain exists
  sample: example.com
pool:
  description: The pool that serves the domain.
  type: str
  returned: when the domain exists
  sample: pool_5
servers:
  description: The servers of the pool after the task.
  type: list
  elements: dict
  returned: when the domain exists
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
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import (
    run_write,
    write_result,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.drain import (
    write_drained,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)


def change_servers(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Carry the task out, draining before or after where that is asked for."""
    names = ("domain", "state", "slot", "ip", "http_port", "weight", "servers")
    request = ServerRequest(**{name: module.params[name] for name in names})
    if not module.params["wait_drain"] or module.check_mode:
        return run_write(module, instance, request)
    outcome = write_drained(instance, request, module.params["drain_timeout"])
    return write_result(module, outcome)


def main() -> None:
    """Run the module."""
    states = ["present", "absent", "ready", "drain", "maint"]
    spec = {
        **write_spec(),
        "domain": {"type": "str", "required": True},
        "state": {"type": "str", "choices": states, "default": "present"},
        "slot": {"type": "int"},
        "ip": {"type": "str"},
        "http_port": {"type": "int", "default": 80},
        "weight": {"type": "int"},
        "servers": servers_spec(),
        "wait_drain": {"type": "bool", "default": False},
        "drain_timeout": {"type": "int", "default": 300},
    }
    run_module(spec, change_servers, mutually_exclusive=[("servers", "slot"), ("servers", "ip")])


if __name__ == "__main__":
    main()
