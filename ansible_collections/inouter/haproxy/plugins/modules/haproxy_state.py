#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Bring the whole of an instance to a state: agreed, rolled back, adopted, moved, restored."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_state
short_description: Converge, roll back, adopt, move, back up or restore a whole HAProxy
version_added: 0.1.0
description:
  - The database on the host says what should be. This module brings the database, the files that
    HAProxy reads at start and the running HAProxy together, from whichever of them is right.
  - Each state but V(backed_up) and V(exported) is one write like that of any other module, with
    check mode, a diff, and a row in the history that can be rolled back.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
  - inouter.haproxy._state
  - inouter.haproxy._document
requirements:
  - The Python library C(cryptography) on the host, for V(imported) where the document brings
    certificates, and for V(adopted) and V(migrated) where there are any in C(certs).
options:
  state:
    description:
      - V(converged) makes HAProxy and the files agree with the database.
      - V(rolled_back) serves again the domains, servers and certificates of O(generation). How the
        instance is laid out, such as how many pools it has, stays.
      - V(adopted) takes what runs into the database, with no change to traffic. It also puts a new
        database in the place of one that is damaged or gone. Where HAProxy does not run, it takes
        what the files say. Nothing is changed where something cannot be taken, such as a damaged
        certificate. A file in C(certs) that is let go is kept in C(data/replaced).
      - V(backed_up) makes a backup of the database and of the certificates with their keys, mode
        0600, with a checksum of each file in it. There is none to make where the newest one is good
        and nothing was changed since.
      - V(restored) serves what a backup holds. It refuses a damaged backup, and puts the backup's
        database in the place of one that is damaged or gone.
      - V(exported) writes a document with all domains, servers and certificates to O(dest).
      - V(imported) serves what such a document says.
      - V(migrated) takes over, once, the files of the system that this collection succeeds, which
        are C(haproxy_mcp.db), or C(domains.map), C(wildcards.map), C(servers.json) and
        C(certificates.json), and the certificates in C(certs). RV(entries) tells what became of
        each entry. Nothing is changed where one is unclear, or where HAProxy runs something else.
        The files are kept in C(data/migrated). Once done it does nothing, whatever O(force) says.
    type: str
    choices: [converged, rolled_back, adopted, backed_up, restored, exported, imported, migrated]
    default: converged
seealso:
  - module: inouter.haproxy.haproxy_state_info
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

- name: Go back to what was served before the last change
  inouter.haproxy.haproxy_state: {state: rolled_back, generation: 41}

- name: Keep what somebody changed by hand
  inouter.haproxy.haproxy_state: {state: adopted}

- name: Make a backup and keep the newest thirty
  inouter.haproxy.haproxy_state: {state: backed_up, keep: 30}

- name: Restore the newest good backup
  inouter.haproxy.haproxy_state: {state: restored}

- name: Write down all that is served
  inouter.haproxy.haproxy_state: {state: exported, dest: /root/haproxy.json}

- name: Serve the same on another host, and nothing else
  inouter.haproxy.haproxy_state:
    state: imported
    document: "{{ lookup('ansible.builtin.file', 'haproxy.json') | from_json }}"
    prune: true

- name: Take over what the original system left
  inouter.haproxy.haproxy_state:
    state: migrated
    runtime_api: localhost:9999
"""

RETURN = r"""
differences:
  description: What differed in HAProxy and the files, and was put right.
  type: list
  elements: dict
  returned: success
  contains:
    side: {description: "Where it differed, V(runtime) or V(files).", type: str, sample: files}
    kind: {description: "What differed, such as V(route) or V(slot).", type: str, sample: route}
    name: {description: "The domain, server, pool or file.", type: str, sample: example.com}
lost:
  description: Certificates of which no intact file is left, as the drift report has them. HAProxy
    does not serve them, or not after its next start, until M(inouter.haproxy.haproxy_cert) brings
    them back. With O(state=converged), RV(persisted) is false until then.
  type: list
  elements: dict
  returned: when there are such
  sample: [{kind: certificate, name: a.example.ecdsa.pem, differs: [files], files: damaged}]
rolled_back_to:
  description: The generation that is served again.
  type: int
  returned: when O(state=rolled_back)
  sample: 41
adopted:
  description: How much was taken into the database.
  type: dict
  returned: when O(state=adopted)
  sample: {domains: 12, servers: 30, certificates: 4}
left_out:
  description: What was left out, and why.
  type: list
  elements: str
  returned: when O(state=adopted) or O(state=imported)
  sample: []
entries:
  description: What became of each entry of the files that were taken over. It is empty where that
    was done before.
  type: list
  elements: dict
  returned: when O(state=migrated)
  sample:
    - {source: /opt/haproxy/conf/servers.json, entry: "example.com[1]", taken: true, reason: ""}
counts:
  description: How many domains were added, changed and removed, and how many stay as they are.
  type: dict
  returned: when O(state=imported)
  sample: {added: 12, changed: 0, removed: 0, unchanged: 0}
backup:
  description: The backup that was made, restored, or is still good. It is null in check mode where
    one would be made.
  type: str
  returned: when O(state=backed_up) or O(state=restored)
  sample: /opt/haproxy/data/backups/backup-00000042-20261122T183000Z.tar.gz
sha256:
  description: The checksum of that file, by which a copy of it can be checked.
  type: str
  returned: when O(state=backed_up)
  sample: 9f86d081...
removed:
  description: Backups that were removed because there are newer ones, or domains that were removed.
  type: list
  elements: str
  returned: when O(state=backed_up) or O(state=imported)
  sample: []
restored_generation:
  description: The generation that the backup was made of.
  type: int
  returned: when O(state=restored)
  sample: 40
dest:
  description: The file that was written.
  type: str
  returned: when O(state=exported)
  sample: /root/haproxy.json
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
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import write_spec
from ansible_collections.inouter.haproxy.plugins.module_utils._module.diff import difference_views
from ansible_collections.inouter.haproxy.plugins.module_utils._module.document import (
    document_of,
    document_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import write_result
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.task import (
    STATES,
    carry_out,
    may_bring_certificates,
)

SPEC = {
    "state": {"type": "str", "choices": list(STATES), "default": "converged"},
    "generation": {"type": "int"},
    "src": {"type": "path"},
    "dest": {"type": "path"},
    "keep": {"type": "int", "default": 10, "no_log": False},
    "include_keys": {"type": "bool", "default": False, "no_log": False},
    "document": {"type": "dict", "options": document_spec()},
    "prune": {"type": "bool", "default": False},
    "prune_limit": {"type": "int", "default": 20},
    "force": {"type": "bool", "default": False},
    "fence": {"type": "bool", "default": False},
}


def state(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Bring the instance to a state."""
    options = dict(module.params)
    if options["state"] == "imported":
        options["document"] = document_of(options)
    if may_bring_certificates(instance, options):
        from ansible_collections.inouter.haproxy.plugins.module_utils._module import library

        library.require_cryptography(module)
    outcome = carry_out(instance, options, module.check_mode)
    return {**write_result(module, outcome), "differences": difference_views(outcome)}


def main() -> None:
    """Run the module."""
    required = [("state", "rolled_back", ["generation"]), ("state", "exported", ["dest"])]
    run_module({**write_spec(), **SPEC}, state, required_if=required)


if __name__ == "__main__":
    main()
