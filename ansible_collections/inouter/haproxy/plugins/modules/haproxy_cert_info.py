#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""List the certificates of an HAProxy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_cert_info
short_description: List the certificates of an HAProxy
version_added: 0.1.0
description:
  - Returns certificates with the names they are for, the days they have left, and where they are,
    which is the database, the disk and the running HAProxy.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.info
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
options:
  names:
    description:
      - Only the certificates of these names. Without this option all are returned.
    type: list
    elements: str
  expiring_within:
    description:
      - Only certificates that have fewer days left than this, and those that have expired.
    type: int
seealso:
  - module: inouter.haproxy.haproxy_cert
"""

EXAMPLES = r"""
- name: Fail where a certificate ends within two weeks
  inouter.haproxy.haproxy_cert_info:
    expiring_within: 14
  register: ending
  failed_when: ending.certificates | length > 0
"""

RETURN = r"""
certificates:
  description: The certificates, sorted by name.
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
      where:
        database: true
        disk: true
        haproxy: true
      agrees: true
"""

from ansible_collections.inouter.haproxy.plugins.module_utils._compile_once import AnsibleModule
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    instance_spec,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.list import (
    list_certificates,
)


def certificates(module: AnsibleModule, instance: Instance) -> dict[str, object]:
    """List the certificates."""
    options = module.params
    found = list_certificates(instance, options["names"], options["expiring_within"])
    return {"certificates": found}


def main() -> None:
    """Run the module."""
    spec = {
        **instance_spec(),
        "names": {"type": "list", "elements": "str"},
        "expiring_within": {"type": "int"},
    }
    run_module(spec, certificates)


if __name__ == "__main__":
    main()
