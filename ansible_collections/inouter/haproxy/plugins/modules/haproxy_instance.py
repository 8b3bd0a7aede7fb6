#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Make the folders, the database and the settings of one managed HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_instance
short_description: Set a managed HAProxy up on its host
version_added: 0.1.0
description:
  - Makes the folders below O(base_dir), the database, the pool files and the map files, and keeps
    the settings.
  - The role P(inouter.haproxy.haproxy#role) calls it; there is seldom a reason to do so by hand.
  - Settings that are not given stay as they are.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
options:
  pool_count:
    description:
      - How many pools are prepared. It can be raised later, not lowered.
      - HAProxy sees new pools after one reload.
      - A new instance gets 100.
    type: int
  pool_slots:
    description:
      - How many slots each pool has. It can be raised later, not lowered.
      - A new instance gets 10.
    type: int
  haproxy_conf:
    description:
      - The folder C(conf) below O(base_dir), as HAProxy itself names it, where that differs.
    type: path
  haproxy_binary:
    description:
      - The program that checks the configuration.
      - A new instance gets C(haproxy) from the search path.
    type: str
  haproxy_container:
    description:
      - The container that HAProxy runs in, for the health report.
    type: str
  haproxy_certs:
    description:
      - The folder C(certs) below O(base_dir), as HAProxy itself names it, where that differs.
    type: path
  pool_profiles:
    description:
      - Pools that build on a section C(defaults pools_NAME) of C(haproxy.cfg), which has to be
        there, instead of C(defaults pools).
      - A new domain gets such a pool only where the task names it.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the profile.
        type: str
        required: true
      first:
        description: The number of the first pool.
        type: int
        required: true
      last:
        description: The number of the last pool.
        type: int
        required: true
  https:
    description:
      - Where HTTPS is served, as C(host:port), for the check of which certificate is served.
      - An empty value means that there is none.
    type: str
seealso:
  - module: inouter.haproxy.haproxy_state
  - module: inouter.haproxy.haproxy_config
"""

EXAMPLES = r"""
- name: Set an instance with 200 pools up
  inouter.haproxy.haproxy_instance:
    base_dir: /opt/haproxy
    pool_count: 200
"""

RETURN = r"""
settings:
  description: The settings of the instance.
  type: dict
  returned: success
  sample:
    pool_count: 100
    pool_slots: 10
    haproxy_conf: ""
    haproxy_binary: haproxy
    haproxy_container: ""
    haproxy_certs: ""
    https: ""
    acme_thumbprint: ""
    pool_profiles: sticky=91-95
    runtime_pools: 0
reload_needed:
  description: Whether the running HAProxy has to be reloaded once, for it lacks pools or slots, or
    C(haproxy.cfg) or the profile of a pool was changed after it started.
  type: bool
  returned: success
  sample: false
lost:
  description: Certificates of which no intact file is left, as the drift report has them. HAProxy
    does not serve them, or not after its next start, until M(inouter.haproxy.haproxy_cert) brings
    them back.
  type: list
  elements: dict
  returned: when there are such
  sample:
    - kind: certificate
      name: a.example.ecdsa.pem
      differs: [files]
      files: damaged
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
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import write_result
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import (
    reload_needed,
    set_up,
)

PROFILE = {
    "name": {"type": "str", "required": True},
    "first": {"type": "int", "required": True},
    "last": {"type": "int", "required": True},
}
SETTINGS = {
    "pool_count": {"type": "int"},
    "pool_slots": {"type": "int"},
    "haproxy_conf": {"type": "path"},
    "haproxy_binary": {"type": "str"},
    "haproxy_container": {"type": "str"},
    "haproxy_certs": {"type": "path"},
    "pool_profiles": {"type": "list", "elements": "dict", "options": PROFILE},
    "https": {"type": "str"},
}


def instance_set_up(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Set the instance up."""
    changes = {name: module.params[name] for name in SETTINGS}
    result = write_result(module, set_up(instance, changes, module.check_mode))
    return {**result, "reload_needed": reload_needed(instance)}


def main() -> None:
    """Run the module."""
    run_module({**write_spec(), **SETTINGS}, instance_set_up)


if __name__ == "__main__":
    main()
