#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Add, renew or remove certificates of a running HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_cert
short_description: Add, renew or remove certificates of a running HAProxy
version_added: 0.1.0
description:
  - Gives HAProxy a certificate, a newer one, or takes it away, with no reload and no lost
    connection.
  - The certificate is taken apart, checked and put together again. One that HAProxy could not serve
    is refused before anything changes.
  - After a change a TLS handshake proves which certificate is served.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
  - inouter.haproxy._cert_source
requirements:
  - The Python library C(cryptography) on the host, but for O(state=absent).
  - acme.sh as the role P(inouter.haproxy.acme#role) sets it up, for O(state=issued) and
    O(state=renewed).
options:
  name:
    description:
      - The name under which the certificate is kept. It is a domain.
      - The default is the first domain that the certificate is for.
      - A name may have an ECDSA and an RSA certificate. Clients get the one that suits them.
    type: str
  state:
    description:
      - V(present) adds the certificate, or replaces the one of the same name and key type.
      - V(issued) orders one for O(domains) from the CA, unless one for just these is not due.
      - V(renewed) renews what is due, of O(name) or all, and with O(force=true) the rest as well.
      - V(absent) removes those of the name O(name), from acme.sh as well.
    type: str
    choices: [present, issued, renewed, absent]
    default: present
  challenge:
    description:
      - How the CA is shown whose O(domains) these are. Wildcards need V(dns-01).
      - With V(http-01) HAProxy itself gives the answer.
    type: str
    choices: [dns-01, http-01]
    default: dns-01
  key_type:
    description:
      - The kind of key to order a certificate for.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  certificates:
    description:
      - Several certificates in one call.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name, as in O(name).
        type: str
      content:
        description: The PEM text, as in O(content).
        type: str
      src:
        description: The file on the host, as in O(src).
        type: path
      key_content:
        description: The key as PEM text, as in O(key_content).
        type: str
      key_src:
        description: The key as a file on the host, as in O(key_src).
        type: path
      domains:
        description: Domains that the certificate has to be for, as in O(domains).
        type: list
        elements: str
        default: []
  force:
    description:
      - With O(state=present) take a certificate that has expired.
      - With O(state=issued) and O(state=renewed) order even what is not due.
      - With O(state=absent) remove it even where domains are served that no other one covers.
    type: bool
    default: false
seealso:
  - module: inouter.haproxy.haproxy_cert_info
"""

EXAMPLES = r"""
- name: Serve a certificate from files on the host
  inouter.haproxy.haproxy_cert:
    src: /etc/ssl/example.com/fullchain.pem
    key_src: /etc/ssl/example.com/privkey.pem

- name: Serve one that lies on the controller
  inouter.haproxy.haproxy_cert:
    content: "{{ lookup('ansible.builtin.file', 'example.com.pem') }}"
    domains:
      - example.com

- name: Order one, with a wildcard
  inouter.haproxy.haproxy_cert:
    state: issued
    domains:
      - example.com
      - "*.example.com"

- name: Renew all that are due
  inouter.haproxy.haproxy_cert:
    state: renewed

- name: Remove it
  inouter.haproxy.haproxy_cert:
    name: example.com
    state: absent
"""

RETURN = r"""
certificates:
  description: The certificates as they are stored. Keys are never returned.
  type: list
  elements: dict
  returned: success
  sample:
    - name: example.com
      key_type: ecdsa
      domains: ["*.example.com", example.com]
      fingerprint: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
      issuer: CN=An Authority
      serial: 1A2B
      not_before: "2026-11-01T00:00:00+00:00"
      not_after: "2027-01-30T00:00:00+00:00"
      days_left: 69
      file: example.com.ecdsa.pem
served:
  description: What a handshake got for each certificate that changed, where HTTPS is served.
  type: list
  elements: dict
  returned: when HAProxy runs and something changed
  sample:
    - domain: example.com
      matches: true
      fingerprint: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
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
    certificate_spec,
    write_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.library import (
    require_cryptography,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._module.writer import written
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.task import (
    carry_out,
)


def change_certificates(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """Carry the task out."""
    if module.params["state"] != "absent":
        require_cryptography(module)
    run, check_mode = module.run_command, module.check_mode
    return written(module, lambda: carry_out(instance, module.params, run, check_mode))


def main() -> None:
    """Run the module."""
    states = ["present", "issued", "renewed", "absent"]
    spec = {
        **write_spec(),
        **certificate_spec(),
        "state": {"type": "str", "choices": states, "default": "present"},
        "challenge": {"type": "str", "choices": ["dns-01", "http-01"], "default": "dns-01"},
        "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa"},
        "certificates": {"type": "list", "elements": "dict", "options": certificate_spec()},
        "force": {"type": "bool", "default": False},
    }
    exclusive = [("content", "src", "certificates"), ("key_content", "key_src", "certificates")]
    required = [("state", "absent", ["name"]), ("state", "issued", ["domains"])]
    run_module(spec, change_certificates, mutually_exclusive=exclusive, required_if=required)


if __name__ == "__main__":
    main()
