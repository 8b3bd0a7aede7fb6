# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backend servers, and groups for domains, pools and certificates, out of HAProxy hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: haproxy
short_description: Backend servers and their groups, out of the databases of HAProxy hosts
version_added: 0.1.0
author: "inouter.haproxy contributors (@inouter)"
description:
  - Reads the databases of HAProxy hosts, and makes a host of each backend server that they have.
  - A backend that an earlier source of the inventory knows, by its name or by its
    C(ansible_host), keeps its name there. Another one is named by its address.
  - The HAProxy hosts are those of the group O(haproxy_group) in earlier sources, and those of
    O(hosts). They are reached as in a play, over any connection plugin, with the variables that
    they have there, such as C(ansible_user), C(ansible_become) and C(haproxy_base_dir). The
    variables C(haproxy_base_dir) and C(ansible_python_interpreter) default to C(/opt/haproxy) and
    C(python3).
  - Only the database is read. HAProxy need not run, and nothing is written or left on the host.
  - A backend has the variables C(haproxy_servers), which is a list with C(haproxy) (the name of the
    HAProxy host), C(pool), C(domains), C(slot), C(name), C(http_port), C(weight) and C(state) for
    each slot in which it stands, and for composed groups the lists C(haproxy_domains),
    C(haproxy_pools) and C(haproxy_states).
  - A HAProxy host has the variable C(haproxy_served) with C(generation), C(pools) and
    C(certificates).
  - With the default O(prefix) the backends are in the groups C(haproxy_backends),
    C(haproxy_pool_5) and C(haproxy_domain_example_com), and the HAProxy hosts that hold a
    certificate in C(haproxy_cert_example_com).
  - In the name of a group a dot of a domain is one underscore and a hyphen two, so that no two
    domains share a group. That of C(*.example.com) is C(haproxy_domain_example_com___wildcard).
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Marks the file as one of this plugin. Its name has to end in C(haproxy.yml) or
        C(haproxy.yaml).
    type: str
    required: true
    choices: [inouter.haproxy.haproxy]
  hosts:
    description:
      - HAProxy hosts that no earlier source has, by name, with their variables.
      - They are added to O(haproxy_group). The variables may be templates.
    type: dict
    default: {}
  haproxy_group:
    description:
      - The group of the HAProxy hosts.
    type: str
    default: haproxy
  prefix:
    description:
      - What the names of groups begin with.
    type: str
    default: haproxy_
  skip_unreachable:
    description:
      - Whether to go on, with a warning, without a HAProxy host that cannot be read. Backends that
        no other HAProxy host has are then missing, and nothing is put in the cache.
      - Where no host can be read the source fails in any case.
    type: bool
    default: false
"""

EXAMPLES = r"""
# lb.haproxy.yml, beside another source that has the group "haproxy":
plugin: inouter.haproxy.haproxy

---
# lb.haproxy.yml, with hosts of its own:
plugin: inouter.haproxy.haproxy
hosts:
  lb1:
    ansible_host: 192.0.2.11
    ansible_user: deploy
    ansible_become: true
  lb2:
    ansible_host: 192.0.2.12
    ansible_user: deploy
    ansible_become: true
    haproxy_base_dir: /srv/haproxy
skip_unreachable: true

---
# lb.haproxy.yml, kept for ten minutes, with groups of its own:
plugin: inouter.haproxy.haproxy
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible-inventory
cache_timeout: 600
keyed_groups:
  # haproxy_state_ready, haproxy_state_drain, haproxy_state_maint
  - key: haproxy_states
    prefix: haproxy_state
groups:
  shop: haproxy_domains | default([]) | select('search', 'shop') | list | length > 0
compose:
  ansible_user: "'deploy'"
"""

from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import combine_vars

from ansible_collections.inouter.haproxy.plugins.plugin_utils.backends import (
    Served,
    backend_variables,
    host_variables,
    memberships,
)
from ansible_collections.inouter.haproxy.plugins.plugin_utils.inventory_variables import (
    names_by_address,
    variables_of,
)
from ansible_collections.inouter.haproxy.plugins.plugin_utils.read_served import read_served

ENDINGS = ("haproxy.yml", "haproxy.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads the hosts, or the cache, and hands what they serve to the inventory."""

    NAME = "inouter.haproxy.haproxy"

    def verify_file(self, path: str) -> bool:
        """Whether the file is one of this plugin, by its name."""
        return super().verify_file(path) and path.endswith(ENDINGS)

    def parse(
        self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True
    ) -> None:
        """Fill the inventory; raises AnsibleParserError where a host cannot be read."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self._add_own_hosts()
        found = self._cached(path, cache)
        self._names = names_by_address(self.inventory)
        backends = backend_variables(found)
        for address, variables in backends.items():
            self._add_backend(address, variables)
        for name, served in found.items():
            self._set_variables(name, host_variables(served))
        self._add_memberships(found)
        for name in [*found, *(self._name(address) for address in backends)]:
            self._construct(name)

    def _add_own_hosts(self) -> None:
        group = self.inventory.add_group(self.get_option("haproxy_group"))
        for name, variables in self.get_option("hosts").items():
            self._populate_host_vars([name], variables or {}, group)

    def _cached(self, path: str, cache: bool) -> dict[str, Served]:
        """What the hosts serve, from the cache where that is wanted and there."""
        key = self.get_cache_key(path)
        wanted = self.get_option("cache")
        if wanted and cache and key in self._cache:
            known: dict[str, Served] = self._cache[key]
            return known
        found, complete = self._read(path)
        if wanted and complete:
            self._cache[key] = found
        return found

    def _read(self, path: str) -> tuple[dict[str, Served], bool]:
        """What each host serves, and whether all of them could be read."""
        answers = read_served({n: self._variables(n, path) for n in self._hosts()}, self.loader)
        failed = {n: a for n, a in answers.items() if isinstance(a, AnsibleError)}
        found = {n: a for n, a in answers.items() if not isinstance(a, AnsibleError)}
        self._report(failed, bool(found))
        return found, not failed

    def _report(self, failed: dict[str, AnsibleError], others: bool) -> None:
        told = " ".join(f"{name}: {str(error).rstrip('.')}." for name, error in failed.items())
        if failed and not (others and self.get_option("skip_unreachable")):
            advice = " With skip_unreachable the source goes on without it." if others else ""
            raise AnsibleParserError(f"The HAProxy hosts cannot all be read. {told}{advice}")
        if failed:
            self.display.warning(f"Backends may be missing, for not all hosts can be read. {told}")

    def _hosts(self) -> list[str]:
        name = self.get_option("haproxy_group")
        found = [host.name for host in self.inventory.groups[name].get_hosts()]
        if not found:
            raise AnsibleParserError(
                f"There is no HAProxy host. Name some in hosts, or let an earlier source of the"
                f" inventory have the group {name} (haproxy_group)."
            )
        return found

    def _variables(self, name: str, path: str) -> dict[str, Any]:
        sources = [*self.inventory.processed_sources, path]
        return combine_vars(variables_of(self.inventory, name, self.loader, sources), self._vars)

    def _name(self, address: str) -> str:
        return self._names.get(address, address)

    def _add_backend(self, address: str, variables: dict[str, Any]) -> None:
        name = self._name(address)
        if name not in self.inventory.hosts:
            self.inventory.add_host(name)
            variables = {"ansible_host": address, **variables}
        self._set_variables(name, variables)

    def _set_variables(self, name: str, variables: dict[str, Any]) -> None:
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)

    def _add_memberships(self, found: dict[str, Served]) -> None:
        for member in memberships(found, self.get_option("prefix")):
            group = self.inventory.add_group(self._sanitize_group_name(member.group))
            self.inventory.add_child(group, member.host or self._name(member.address or ""))

    def _construct(self, name: str) -> None:
        strict = self.get_option("strict")
        variables = self.inventory.hosts[name].get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), {}, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), {}, name, strict=strict)
