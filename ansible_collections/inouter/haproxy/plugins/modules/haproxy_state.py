#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Make HAProxy and its files agree with the database."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_state
short_description: Make HAProxy and its files agree with the database
version_added: 0.1.0
description:
  - The database on the host says what should be. This module compares it with the running HAProxy
    and with the files that HAProxy reads at start, and removes every difference.
  - Run it after somebody changed HAProxy by hand, or after a write was cut off.
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
      - V(converged) removes all differences.
    type: str
    choices: [converged]
    default: converged
seealso:
  - module: inouter.haproxy.haproxy_domain
  - module: inouter.haproxy.haproxy_config
"""

EXAMPLES = r"""
- name: Make everything agree with the database
  inouter.haproxy.haproxy_state:

- name: Only show what differs
  inouter.haproxy.haproxy_state:
  check_mode: true
  diff: true
"""

RETURN = r"""
differences:
  description: What differed.
  type: list
  elements: dict
  returned: success
  contains:
    side:
      description: Where it differed, which is V(runtime) or V(files).
      type: str
      sample: runtime
    kind:
      description: What differed, which is V(route), V(slot), V(pool_file) or V(map_file).
      type: str
      sample: route
    name:
      description: The domain, server, pool or file.
      type: str
      sample: example.com
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import (
    Convergence,
    write,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.diff import difference_views
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import write_result


def converge(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Converge everything."""
    outcome = write(instance, "haproxy_state", Convergence(), module.check_mode)
    return {**write_result(module, outcome), "differences": difference_views(outcome)}


def main() -> None:
    """Run the module."""
    states = ["converged"]
    spec = {**write_spec(), "state": {"type": "str", "choices": states, "default": "converged"}}
    run_module(spec, converge)


if __name__ == "__main__":
    main()
