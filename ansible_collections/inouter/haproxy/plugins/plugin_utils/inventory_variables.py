# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking things up in an inventory that is still being built."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from ansible.inventory.data import InventoryData
from ansible.inventory.helpers import get_group_vars
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import combine_vars
from ansible.vars.plugins import get_vars_from_inventory_sources


def variables_of(
    inventory: InventoryData, name: str, loader: DataLoader, sources: Sequence[str]
) -> dict[str, Any]:
    """The variables of a host, those of vars plugins such as group_vars too."""
    host = inventory.hosts[name]
    groups = [inventory.groups["all"], *(g for g in host.get_groups() if g.name != "all")]
    variables: dict[str, Any] = {}
    for part in (
        get_group_vars(groups),
        get_vars_from_inventory_sources(loader, sources, groups, "all"),
        host.get_vars(),
        get_vars_from_inventory_sources(loader, sources, [host], "all"),
    ):
        variables = combine_vars(variables, part)
    return variables


def names_by_address(inventory: InventoryData) -> dict[str, str]:
    """The host that has an address, by its name or as ansible_host, unless several have it."""
    names: dict[str, set[str]] = {}
    for name, host in inventory.hosts.items():
        for text in (name, host.vars.get("ansible_host")):
            if is_address(text):
                names.setdefault(str(ip_address(str(text))), set()).add(name)
    return {address: min(found) for address, found in names.items() if len(found) == 1}


def is_address(value: Any) -> bool:
    """Whether this is the text of an IP address."""
    try:
        return bool(ip_address(str(value)))
    except ValueError:
        return False
