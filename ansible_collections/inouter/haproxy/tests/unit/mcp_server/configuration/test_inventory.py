# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and groups, as ansible-inventory itself reads them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.configuration import inventory as module
from ansible_collections.inouter.haproxy.mcp_server.configuration.inventory import Inventory
from ansible_collections.inouter.haproxy.mcp_server.problems import (
    ConfigurationProblem,
    UnknownTarget,
)

Groups = dict[str, Any]
HOSTS: Groups = {
    "all": {
        "children": {
            "edge": {"hosts": {"lb1": {"ansible_port": 22}, "lb2": {}}, "vars": {"x": 1}},
            "site": {"children": {"edge": {}}, "hosts": {"lb3": {}}},
            "empty": {"hosts": {}},
        }
    }
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an inventory file."""
    found = tmp_path / "inventory.yml"
    found.write_text(yaml.safe_dump(HOSTS))
    return found


def made(path: Path, target: str = "") -> Inventory:
    """The inventory."""
    return Inventory(path, target, {"PATH": os.environ["PATH"]})


def names(inventory: Inventory, target: str = "") -> list[str]:
    """The names of a target's hosts."""
    return [host.name for host in asyncio.run(inventory.hosts(target))]


def test_hosts_and_groups(path: Path) -> None:
    async def use() -> None:
        found = made(path, "site")
        assert (await found.found()).name == "site"
        assert [h.name for h in await found.hosts()] == ["lb1", "lb2", "lb3"]
        assert [h.name for h in await found.hosts("edge")] == ["lb1", "lb2"]
        (host,) = await found.hosts("lb1")
        assert (host.variables["ansible_port"], host.variables["x"]) == (22, 1)
        for target in ("lb9", "lb*", "all:!lb1", "../x"):
            with pytest.raises(
                UnknownTarget, match="is not in the inventory. Hosts: lb1, lb2, lb3."
            ):
                await found.hosts(target)

    asyncio.run(use())


def test_defaults(tmp_path: Path) -> None:
    one: Groups = {"all": {"hosts": {"only": {}}}}
    preferred: Groups = {"haproxy": {"hosts": {"a": {}, "b": {}}}, "all": {"hosts": {"c": {}}}}
    neither: Groups = {"all": {"hosts": {"a": {}, "b": {}}}}
    path = tmp_path / "i.yml"
    for content, expected in ((one, ["only"]), (preferred, ["a", "b"])):
        path.write_text(yaml.safe_dump(content))
        assert names(made(path)) == expected
    path.write_text(yaml.safe_dump(neither))
    with pytest.raises(UnknownTarget, match="name the host or group that is meant. Hosts: a, b."):
        names(made(path))


def test_the_usual_hosts(path: Path) -> None:
    def usual(target: str) -> list[str]:
        return [host.name for host in asyncio.run(made(path, target).usual_hosts())]

    assert usual("edge") == ["lb1", "lb2"] and usual("lb3") == ["lb3"]
    assert usual("") == ["lb1", "lb2", "lb3"]
    with pytest.raises(UnknownTarget, match="'lb9' is not in the inventory"):
        usual("lb9")


def test_a_change_of_the_source_is_seen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0)

    async def use() -> None:
        found = made(path, "edge")
        assert len(await found.hosts()) == 2
        (path.parent / "group_vars").mkdir()
        (path.parent / "group_vars/edge.yml").write_text("y: 2\n")
        assert (await found.hosts("lb1"))[0].variables["y"] == 2
        same = (await found.hosts("lb1"))[0]
        assert same is (await found.hosts("lb1"))[0]

    asyncio.run(use())


def test_variables_that_are_encrypted(tmp_path: Path) -> None:
    """One by one or as a whole file: they say what they say where the password is there."""
    (tmp_path / "word").write_text("word of the vault")
    has_word = {"PATH": os.environ["PATH"], "ANSIBLE_VAULT_PASSWORD_FILE": f"{tmp_path}/word"}
    (tmp_path / "host_vars").mkdir()
    whole = tmp_path / "host_vars/lb2.yml"
    whole.write_text("ansible_password: second\n")
    _vault(has_word, "encrypt", whole)
    one = _vault(has_word, "encrypt_string", "first", "--name", "      ansible_password")
    mine = one.replace("ansible_password", "mine").replace("3", "4")
    path = tmp_path / "inventory.yml"
    path.write_text(f"all:\n  hosts:\n    lb1:\n{one}\n{mine}\n    lb2: {{}}\n    lb3:\n{one}\n")
    hosts = asyncio.run(Inventory(path, "all", has_word).hosts())
    assert [host.variables["ansible_password"] for host in hosts] == ["first", "second", "first"]
    assert "__ansible_vault" in hosts[0].variables["mine"]
    whole.unlink()
    without = asyncio.run(Inventory(path, "lb1", {"PATH": os.environ["PATH"]}).hosts())
    assert "__ansible_vault" in without[0].variables["ansible_password"]


def _vault(environment: dict[str, str], *words: str | Path) -> str:
    program = Path(sys.executable).with_name("ansible-vault")
    given = {**environment, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *words], check=True, capture_output=True, text=True, env=given)
    return done.stdout


def test_the_inventory_itself() -> None:
    hosts = {"localhost": {"ansible_connection": "local"}}
    found = Inventory({"all": {"hosts": hosts}})
    assert asyncio.run(found.hosts())[0].variables == hosts["localhost"]


def test_an_inventory_that_cannot_be_read(tmp_path: Path) -> None:
    script = tmp_path / "inventory.sh"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    broken = Inventory(
        script, "", {"PATH": os.environ["PATH"], "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
    )
    with pytest.raises(ConfigurationProblem, match="cannot be read"):
        names(broken)
