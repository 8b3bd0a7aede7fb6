# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations

import textwrap

from ansible_collections.inouter.haproxy.plugins.doc_fragments._domains import (
    ModuleDocFragment as _Domains,
)

_NESTED = textwrap.indent(_Domains.DOCUMENTATION.partition("options:\n")[2], "    ")


_OWN = r"""
options:
  prune:
    description:
      - For V(imported), whether the document is complete. Domains, servers and certificates that it
        does not name are then removed.
    type: bool
    default: false
  prune_limit:
    description:
      - For V(imported) and V(adopted), how many percent of the domains that exist may go. If it is
        more, nothing is changed and the task fails.
    type: int
    default: 20
  force:
    description:
      - For V(adopted), whether to let go what runs but cannot be taken into the database, and to
        lose more domains than O(prune_limit) allows.
      - For V(migrated), whether to leave out entries that are unclear. It does not repeat what was
        done before.
      - For V(imported), whether to take certificates that have expired.
    type: bool
    default: false
  document:
    description:
      - The document to import, as V(exported) writes it.
    type: dict
    suboptions:
      settings:
        description: How many pools and slots the instance had. They are not changed.
        type: dict
      certificates:
        description: The certificates.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name under which the certificate is kept.
            type: str
            required: true
          key_type:
            description: The kind of its key.
            type: str
            choices: [ecdsa, rsa]
            required: true
          fingerprint:
            description: SHA-256 of the certificate.
            type: str
          content:
            description:
              - The certificate with its chain and its key, as PEM text.
              - Without it the certificate is left out, unless the host has the same.
            type: str
          domains:
            description: The names that it is for.
            type: list
            elements: str
          not_after:
            description: When it expires.
            type: str
"""


class ModuleDocFragment:
    """A document with all that an instance serves, and how far to follow it."""

    DOCUMENTATION: str


# ansible-test reads assignments in the class as text, so one that is put together stands here.
ModuleDocFragment.DOCUMENTATION = _OWN + _NESTED.replace("O(domains[]", "O(document.domains[]")
