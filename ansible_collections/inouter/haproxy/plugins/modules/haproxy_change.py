#!/usr/bin/python
# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Make a change that is given as data."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: haproxy_change
short_description: Make a change that is given as data
version_added: 0.1.0
description:
  - Runs another module of this collection, which is named in a variable, such as one of a list of
    changes. In a playbook that is written for one change, use that module itself.
  - The role C(fleet) makes its changes with it.
author: "inouter.haproxy contributors (@inouter)"
extends_documentation_fragment:
  - inouter.haproxy._attributes
  - inouter.haproxy._attributes.write
  - inouter.haproxy._attributes.actiongroup_haproxy
  - inouter.haproxy._instance
  - inouter.haproxy._instance.lock
options:
  module:
    description:
      - The module to run, without the name of the collection.
    type: str
    required: true
    choices: [haproxy_cert, haproxy_domain, haproxy_domains, haproxy_server]
  options:
    description:
      - The options of that module. They win over options of the same name of this task.
    type: dict
    required: true
seealso:
  - module: inouter.haproxy.haproxy_cert
  - module: inouter.haproxy.haproxy_domain
  - module: inouter.haproxy.haproxy_domains
  - module: inouter.haproxy.haproxy_server
"""

EXAMPLES = r"""
- name: Make each change of a list
  inouter.haproxy.haproxy_change:
    module: "{{ item.module }}"
    options: "{{ item.options }}"
  loop:
    - module: haproxy_domain
      options:
        domain: example.com
        ip: 10.0.0.1
    - module: haproxy_server
      options:
        domain: example.com
        ip: 10.0.0.2
"""

RETURN = r"""
generation:
  description:
    - The number of the newest change in the history.
    - All else that the module returns is returned as well.
  type: int
  returned: success
  sample: 42
"""

# The action plugin of this name does the work.
