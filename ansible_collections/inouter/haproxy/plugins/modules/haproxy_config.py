#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Check or reload the configuration of a running HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_config
short_description: Check or reload the configuration of a running HAProxy
version_added: 0.1.0
description:
  - Domains, servers and certificates never need this. It is for changes of C(haproxy.cfg) itself.
  - A reload checks the configuration first, goes through the master socket, and has succeeded when
    a new worker answers.
  - After a reload HAProxy and the files are made to agree with the database.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
attributes:
  idempotent:
    support: partial
    details:
      - O(state=checked) never changes anything. O(state=reloaded) reloads each time.
  diff_mode:
    support: none
options:
  state:
    description:
      - V(checked) lets HAProxy check its configuration, and fails with HAProxy's own words where it
        is not valid.
      - V(reloaded) does that and then reloads. A configuration that is not valid is never loaded.
    type: str
    choices: [checked, reloaded]
    default: checked
seealso:
  - module: inouter.haproxy.haproxy_state
"""

EXAMPLES = r"""
- name: Check the configuration
  inouter.haproxy.haproxy_config:

- name: Load a changed haproxy.cfg
  inouter.haproxy.haproxy_config:
    state: reloaded
"""

RETURN = r"""
output:
  description: What HAProxy printed. It is empty where all is well.
  type: str
  returned: success
  sample: ""
config_digest:
  description: The SHA-256 digest of C(haproxy.cfg).
  type: str
  returned: when O(state=reloaded)
  sample: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
worker:
  description: The process id of the worker that serves now.
  type: int
  returned: when reloaded
  sample: 4711
worker_before:
  description: The process id of the worker that served before.
  type: int
  returned: when reloaded
  sample: 4242
verified:
  description: Whether the new worker was seen to answer, and to agree with the database.
  type: bool
  returned: when reloaded
  sample: true
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import (
    run_module,
    run_program,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.config import (
    checked_config,
    reloaded_config,
)


def config(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Check or reload."""
    run = run_program(module)
    if module.params["state"] == "checked":
        return checked_config(instance, run)
    return reloaded_config(instance, run, module.check_mode)


def main() -> None:
    """Run the module."""
    states = ["checked", "reloaded"]
    spec = {**write_spec(), "state": {"type": "str", "choices": states, "default": "checked"}}
    run_module(spec, config)


if __name__ == "__main__":
    main()
