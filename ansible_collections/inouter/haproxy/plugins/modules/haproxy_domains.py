#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Give a running HAProxy a whole list of domains."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_domains
short_description: Give a running HAProxy a whole list of domains
version_added: 0.1.0
description:
  - Makes domains, their servers, what they share and their certificates be as a list says, in one
    write, with no reload and no lost request. Ten thousand domains take about a second.
  - All that the list says holds at once, so the order of its entries means nothing.
  - Where more than a hundred routes change, HAProxy gets the whole map anew and changes over to it
    at once. No request sees a half of it.
  - Without O(prune) the list only adds and changes. With it the list is complete, and what it does
    not name goes.
  - With the option C(--diff) the plan is shown, also in check mode. Of a long one the first lines
    are shown, and how many more there are.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
  - inouter.haproxy._domains
requirements:
  - The Python library C(cryptography) on the host, where the list brings certificates.
options:
  prune:
    description:
      - Whether the list is complete. Domains that it does not name are removed, and servers that a
        domain's own list does not name are taken out.
      - HAProxy and the files are then compared as a whole, as M(inouter.haproxy.haproxy_state)
        does.
    type: bool
    default: false
  prune_limit:
    description:
      - How many of the domains that exist O(prune) may remove, in percent. If it is more, nothing
        is changed and the task fails.
    type: int
    default: 20
seealso:
  - module: inouter.haproxy.haproxy_domain
  - module: inouter.haproxy.haproxy_domain_info
  - module: inouter.haproxy.haproxy_cert
"""

EXAMPLES = r"""
- name: Serve these domains, and leave the others alone
  inouter.haproxy.haproxy_domains:
    domains:
      - domain: example.com
        servers:
          - ip: 10.0.0.1
            http_port: 8080
          - ip: 10.0.0.2
            http_port: 8080
            weight: 2
        certificates:
          - src: /etc/ssl/private/example.com.pem
      - domain: www.example.com
        share_with: example.com
      - domain: "*.example.org"
        ip: 2001:db8::1

- name: Serve what this file says and nothing else
  inouter.haproxy.haproxy_domains:
    domains: "{{ lookup('ansible.builtin.file', 'domains.yml') | from_yaml }}"
    prune: true

- name: Only show what that would change
  inouter.haproxy.haproxy_domains:
    domains: "{{ lookup('ansible.builtin.file', 'domains.yml') | from_yaml }}"
    prune: true
    prune_limit: 100
  check_mode: true
  diff: true
"""

RETURN = r"""
counts:
  description: How many domains the list added, changed and removed, and how many stay as they are.
  type: dict
  returned: success
  contains:
    added:
      description: Domains that were not there.
      type: int
      sample: 2
    changed:
      description: Domains that were there and get another pool or other servers.
      type: int
      sample: 1
    removed:
      description: Domains that are not in the list, with O(prune=true).
      type: int
      sample: 0
    unchanged:
      description: Domains of the list, and those that share with them, that stay as they are.
      type: int
      sample: 97
removed:
  description: The domains that were removed, or in check mode would be.
  type: list
  elements: str
  returned: success
  sample: [old.example.com]
served:
  description: The certificate that a TLS handshake showed, for each that was changed.
  type: list
  elements: dict
  returned: when the list brings certificates and they were given to HAProxy
  sample:
    - domain: example.com
      matches: true
      fingerprint: 0f3b...
lost:
  description: Certificates of which no intact file is left, as the drift report has them. HAProxy
    does not serve them, or not after its next start, until M(inouter.haproxy.haproxy_cert) brings
    them back.
  type: list
  elements: dict
  returned: with O(prune=true), when there are such
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
    domains_spec,
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import (
    run_write,
    written,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.bulk import (
    DEFAULT_PRUNE_LIMIT,
    DomainsRequest,
)


def change_domains(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Carry the list out."""
    options = module.params
    request = DomainsRequest(
        options["domains"], options["prune"], options["prune_limit"], instance.running_version
    )
    if not request.certified:
        return run_write(module, instance, request)
    return _with_certificates(module, instance, request)


def _with_certificates(
    module: AnsibleModule, instance: Instance, request: DomainsRequest
) -> dict[str, object]:
    from ansible_collections.inouter.haproxy.plugins.module_utils._module import library
    from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs import (
        write as certificate_write,
    )

    library.require_cryptography(module)
    carry_out = certificate_write.write_certificates
    check = module.check_mode
    return written(module, lambda: carry_out(instance, request, check, "haproxy_domains"))


def main() -> None:
    """Run the module."""
    spec = {
        **write_spec(),
        "domains": domains_spec(),
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": DEFAULT_PRUNE_LIMIT},
    }
    run_module(spec, change_domains)


if __name__ == "__main__":
    main()
