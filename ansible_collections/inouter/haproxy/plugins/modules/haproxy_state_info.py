#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compare database, files and HAProxy, and list what was changed."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_state_info
short_description: Compare database, files and HAProxy, and list what was changed
version_added: 0.1.0
description:
  - Reports where the database, the files that HAProxy reads at start, and the running HAProxy
    differ, with what each of them says.
  - Other changes may be made meanwhile. What is told is of one moment, and where something differs,
    it is looked at again once no change is under way.
  - Lists the changes that were made, with who made them and when.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.info
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
options:
  gather:
    description:
      - What to return.
      - V(export) is one document with all domains, servers and certificates, without private keys.
    type: list
    elements: str
    choices: [drift, history, export, backups, standing]
    default: [drift]
  backups:
    description:
      - The folder on the host that backups are in, where that is not C(data/backups) below
        O(base_dir).
    type: path
  limit:
    description:
      - How many changes of the history are returned, the newest first.
    type: int
    default: 50
seealso:
  - module: inouter.haproxy.haproxy_state
"""

EXAMPLES = r"""
- name: Fail where anything differs from the database
  inouter.haproxy.haproxy_state_info:
  register: found
  failed_when: not found.drift.converged

- name: See the last ten changes
  inouter.haproxy.haproxy_state_info:
    gather: [history]
    limit: 10
"""

RETURN = r"""
drift:
  description: Where the three sides differ.
  type: dict
  returned: when O(gather) has V(drift)
  contains:
    converged:
      description: Whether nothing differs and no write was cut off.
      type: bool
      sample: false
    generation:
      description: The number of the newest change in the history.
      type: int
      sample: 42
    running:
      description: Whether HAProxy runs. Where it does not, only the files are compared.
      type: bool
      sample: true
    cut_off_writes:
      description: Generations of writes that did not end. The next write completes them.
      type: list
      elements: int
      sample: []
    differences:
      description:
        - What differs, by kind and name.
        - The kinds are V(route), V(server), V(certificate), V(crt_entry) and V(acme), and for files
          that are damaged in another way V(map_file), V(pool_file) and V(crt_list).
        - C(differs) names the sides that are not as the others. It is C(database) where the files
          and HAProxy agree with each other.
      type: list
      elements: dict
      sample:
        - kind: server
          name: pool_5_1
          differs: [runtime]
          database: 10.0.0.1:80 weight 1 ready
          files: 10.0.0.1:80 weight 1 ready
          runtime: 10.0.0.1:80 weight 1 drain
standing:
  description: Where this host stands among hosts that are to serve the same.
  type: dict
  returned: when O(gather) has V(standing)
  contains:
    generation:
      description: The number of the newest change in the history.
      type: int
      sample: 42
    running:
      description: Whether HAProxy runs.
      type: bool
      sample: true
    lineage:
      description:
        - Digests of what is served and of what was served before, newest first. They leave out how
          a host is laid out, such as how many pools it has.
        - Hosts with the same first one serve the same. A host whose first one another host has
          further down is behind that host.
      type: list
      elements: str
      sample: [9a0f3c5d1b2e4a6f8091a2b3c4d5e6f7]
history:
  description:
    - The changes, newest first.
    - C(changes) is null where it was large and is older than what can be rolled back to.
  type: list
  elements: dict
  returned: when O(gather) has V(history)
  sample:
    - generation: 42
      at: "2026-11-22T18:30:00.123+00:00"
      actor: root from 10.0.0.9
      action: haproxy_domain
      outcome: done
      message: ""
      changes:
        - kind: domain
          name: example.com
          before: null
          after: {domain: example.com, pool: 5, share_with: null}
export:
  description:
    - All that is served, in the shape that the modules take it.
    - It is the same on two hosts that serve the same.
  type: dict
  returned: when O(gather) has V(export)
  contains:
    settings:
      description: How many pools and slots the instance has.
      type: dict
      sample: {pool_count: 100, pool_slots: 10}
    domains:
      description: The domains, with the options of M(inouter.haproxy.haproxy_domain).
      type: list
      elements: dict
      sample:
        - domain: example.com
          pool: pool_5
          servers:
            - {slot: 1, ip: 10.0.0.1, http_port: 80, weight: 1, state: ready}
        - domain: www.example.com
          share_with: example.com
    certificates:
      description: The certificates.
      type: list
      elements: dict
      sample: []
backups:
  description:
    - The backups, newest first.
    - C(good) says whether it can be restored, C(message) why not.
  type: list
  elements: dict
  returned: when O(gather) has V(backups)
  sample:
    - path: /opt/haproxy/data/backups/backup-00000042-20261122T183000Z.tar.gz
      bytes: 20480
      good: true
      message: ""
      generation: 42
      at: "2026-11-22T18:30:00+00:00"
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.report import (
    CHOICES,
    gathered,
)


def report(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Gather what is asked for."""
    return gathered(instance, module.params["gather"], module.params)


def main() -> None:
    """Run the module."""
    spec = {
        **instance_spec(),
        "gather": {
            "type": "list",
            "elements": "str",
            "choices": list(CHOICES),
            "default": ["drift"],
        },
        "backups": {"type": "path"},
        "limit": {"type": "int", "default": 50},
    }
    run_module(spec, report)


if __name__ == "__main__":
    main()
