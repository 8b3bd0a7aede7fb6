# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations


class ModuleDocFragment:
    """Where a certificate comes from."""

    DOCUMENTATION = r"""
options:
  content:
    description:
      - The certificate with its chain, and its key unless that is given apart, as PEM text.
      - For a file on the controller use the lookup P(ansible.builtin.file#lookup).
    type: str
  src:
    description:
      - The same as a file on the host.
    type: path
  key_content:
    description:
      - The private key as PEM text.
    type: str
  key_src:
    description:
      - The private key as a file on the host.
    type: path
  domains:
    description:
      - Domains that the certificate has to be for. It may be for more.
    type: list
    elements: str
    default: []
"""
