# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations


class ModuleDocFragment:
    """A list of domains."""

    DOCUMENTATION = r"""
options:
  domains:
    description:
      - The domains.
      - A domain, or a pool, that is there twice is refused, and the message names both places.
    type: list
    elements: dict
    required: true
    suboptions:
      domain:
        description:
          - A host name such as V(example.com), a wildcard for one label such as V(*.example.com),
            or an international name, which is stored in its C(xn--) form.
        type: str
        required: true
      ip:
        description:
          - The IPv4 or IPv6 address of the server in slot 1 of the domain's pool.
        type: str
      http_port:
        description:
          - The port of the server that O(domains[].ip) names.
        type: int
        default: 80
      servers:
        description:
          - The servers of the domain's pool. Without it, and without O(domains[].ip), a domain that
            exists keeps those that it has.
          - Servers that are not in it stay, unless O(prune=true).
        type: list
        elements: dict
        suboptions:
          slot:
            description:
              - The slot in the pool, from 1 to the number of slots.
              - V(0) takes the slot that has this address already, else the next free one.
            type: int
            default: 0
          ip:
            description:
              - The server's IPv4 or IPv6 address.
              - It can be left out for a slot that holds a server.
            type: str
          http_port:
            description:
              - The server's port.
            type: int
            default: 80
          weight:
            description:
              - The server's share of the requests, from 0 to 256.
              - A new server gets 1. One that exists keeps what it has.
            type: int
          state:
            description:
              - V(ready) takes requests, V(drain) only ends those it has, V(maint) takes none and is
                not checked.
              - A new server is V(ready). A server that exists keeps what it has.
            type: str
            choices: [ready, drain, maint]
      share_with:
        description:
          - A domain of the list, or one that exists, whose pool this one shares.
          - A domain that shares, and says neither O(domains[].share_with) nor O(domains[].servers),
            goes on to share.
        type: str
      pool:
        description:
          - The pool to use, such as V(pool_7). It must be free, or be the domain's pool already.
          - A domain that has another pool is moved, with its servers and all that share it.
          - Without this option a new domain takes a free pool. Where all are in use, HAProxy 3.4
            and newer are given more while they run.
        type: str
      certificates:
        description:
          - Certificates for the domain, as M(inouter.haproxy.haproxy_cert) takes them. O(prune)
            leaves certificates alone.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name under which the certificate is kept. The default is the first
              domain that it is for.
            type: str
          content:
            description: The certificate with its chain, and its key unless that is given apart, as
              PEM text.
            type: str
          src:
            description: The same as a file on the host.
            type: path
          key_content:
            description: The private key as PEM text.
            type: str
          key_src:
            description: The private key as a file on the host.
            type: path
          domains:
            description: Domains that the certificate has to be for. It may be for more.
            type: list
            elements: str
            default: []
"""
