#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Save what a running HAProxy says of its servers, and put it back."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_server_state
short_description: Save and restore the servers of a running HAProxy
version_added: 0.1.0
description:
  - Writes what HAProxy answers to C(show servers state) into a file, and takes the address, weight
    and state of servers from such a file.
  - HAProxy keeps its servers over reloads and restarts without this. It is for going back to how
    the servers were at some time, and for those who used such files before.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
options:
  state:
    description:
      - V(saved) writes the file. HAProxy has to run for it. A file that holds anything else than
        servers' state is refused.
      - V(restored) gives each pool that a domain uses the servers that the file names. Pools that
        were free when the file was written stay as they are.
    type: str
    choices: [saved, restored]
    default: saved
  state_file:
    description:
      - The file on the host.
      - The default is C(data/servers.state) below O(base_dir).
    type: path
seealso:
  - module: inouter.haproxy.haproxy_state
"""

EXAMPLES = r"""
- name: Save the servers
  inouter.haproxy.haproxy_server_state:

- name: Put them back as they were
  inouter.haproxy.haproxy_server_state:
    state: restored
"""

RETURN = r"""
state_file:
  description: The file.
  type: str
  returned: success
  sample: /opt/haproxy/data/servers.state
server_count:
  description: How many servers the file has, or after O(state=restored) how many there are.
  type: int
  returned: success
  sample: 7
persisted:
  description: Whether the database and the files hold what was asked for.
  type: bool
  returned: when O(state=restored)
  sample: true
applied:
  description: Whether the running HAProxy was told. It is false where none runs.
  type: bool
  returned: when O(state=restored)
  sample: true
verified:
  description: Whether it was read back from HAProxy and the files.
  type: bool
  returned: when O(state=restored)
  sample: true
generation:
  description: The number of the newest change in the history.
  type: int
  returned: when O(state=restored)
  sample: 42
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import run_write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.state import (
    RestoreServers,
    save,
)


def server_state(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Save or restore."""
    path = module.params["state_file"] or f"{instance.paths.data}/servers.state"
    if module.params["state"] == "restored":
        return run_write(module, instance, RestoreServers(path))
    return save(instance, path, module.check_mode)


def main() -> None:
    """Run the module."""
    states = ["saved", "restored"]
    spec = {
        **write_spec(),
        "state": {"type": "str", "choices": states, "default": "saved"},
        "state_file": {"type": "path"},
    }
    run_module(spec, server_state)


if __name__ == "__main__":
    main()
