# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking things up in an inventory that is still being built."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

from ansible_collections.inouter.haproxy.plugins.plugin_utils import inventory_variables


@pytest.fixture
def inventory() -> InventoryData:
    made = InventoryData()
    made.add_group("haproxy")
    for name in ("lb1", "web1", "web2", "2001:db8::1"):
        made.add_host(name)
    made.add_child("haproxy", "lb1")
    return made


def test_a_host_is_known_by_its_name_or_its_address(inventory: InventoryData) -> None:
    inventory.set_variable("web1", "ansible_host", "2001:DB8:0::2")
    inventory.set_variable("web2", "ansible_host", "{{ address }}")
    assert inventory_variables.names_by_address(inventory) == {
        "2001:db8::1": "2001:db8::1",
        "2001:db8::2": "web1",
    }


def test_an_address_of_two_hosts_names_neither(inventory: InventoryData) -> None:
    for name in ("web1", "web2"):
        inventory.set_variable(name, "ansible_host", "10.0.0.1")
    assert "10.0.0.1" not in inventory_variables.names_by_address(inventory)


def test_the_nearest_variable_wins(inventory: InventoryData, tmp_path: Path) -> None:
    inventory.set_variable("all", "a", "from all")
    inventory.set_variable("all", "b", "from all")
    inventory.set_variable("haproxy", "b", "from the group")
    inventory.set_variable("haproxy", "c", "from the group")
    inventory.set_variable("lb1", "c", "from the host")
    found = inventory_variables.variables_of(inventory, "lb1", DataLoader(), [])
    shown = {name: found[name] for name in "abc"}
    assert shown == {"a": "from all", "b": "from the group", "c": "from the host"}
    assert found["inventory_hostname"] == "lb1"
