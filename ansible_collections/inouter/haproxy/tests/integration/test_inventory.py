# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, by `ansible-inventory` itself, over the local connection and over SSH."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .lab.managed import ROOT, Managed
from .lab.pki import Authority
from .lab.secured import Secured
from .lab.sshd import Sshd, says

Variables = dict[str, Any]
pytestmark = pytest.mark.haproxy("3.2")
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


class Inventory:
    """A folder of sources, read by ansible-inventory."""

    def __init__(self, folder: Path, variables: Variables) -> None:
        self.folder = folder / "inventory"
        self.folder.mkdir()
        self.variables = variables

    def put(self, name: str, content: dict[str, Any]) -> None:
        """Write a source."""
        (self.folder / name).write_text(yaml.safe_dump(content))

    def put_plugin(self, **options: Any) -> None:
        """Write the plugin's own source, which sorts after others."""
        self.put("z.haproxy.yml", {"plugin": "inouter.haproxy.haproxy", **options})

    def hosts(self, **base_dirs: Path) -> dict[str, Variables]:
        """HAProxy hosts with their folders."""
        return {n: {**self.variables, "haproxy_base_dir": str(d)} for n, d in base_dirs.items()}

    def read(self) -> tuple[dict[str, Any], str]:
        """The inventory and the warnings."""
        done = self._run()
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout, object_hook=_untagged), done.stderr

    def fails(self) -> str:
        """What is told of a source that cannot be read."""
        done = self._run()
        assert "Failed to parse" in done.stderr, done.stdout
        return " ".join(done.stderr.split())

    def _run(self) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "ansible-inventory"
        command: list[str | Path] = [program, "-i", self.folder, "--list"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _untagged(values: dict[str, Any]) -> Any:
    """A text that is no template is shown as a dictionary that says so."""
    return values.get("__ansible_unsafe", values)


@pytest.fixture(params=["local", "ssh"])
def inventory(request: pytest.FixtureRequest, tmp_path: Path) -> Inventory:
    """Give an inventory whose HAProxy hosts are reached in each way."""
    if request.param == "local":
        return Inventory(tmp_path, LOCAL)
    server: Sshd = request.getfixturevalue("sshd")
    return Inventory(tmp_path, server.inventory_vars())


@pytest.fixture
def local(tmp_path: Path) -> Inventory:
    """Give an inventory of this machine."""
    return Inventory(tmp_path, LOCAL)


def two_hosts(binary: Path, tmp_path: Path) -> tuple[Managed, Managed]:
    """Two HAProxy hosts, which need not run, with one domain of two servers each."""
    hosts = Managed(binary, tmp_path / "one"), Managed(binary, tmp_path / "two")
    for host in hosts:
        servers = [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2", "weight": 7, "state": "drain"}]
        host.module("haproxy_domain", domain="my-shop.test", servers=servers)
    return hosts


def test_own_hosts(inventory: Inventory, haproxy_binary: Path, tmp_path: Path) -> None:
    """Backends, their variables and groups; and nothing is left on the host."""
    one, two = two_hosts(haproxy_binary, tmp_path)
    before = one.files(), one.truth()
    inventory.put_plugin(hosts=inventory.hosts(lb1=one.base_dir, lb2=two.base_dir))
    found, told = inventory.read()
    assert not told
    assert (one.files(), one.truth()) == before
    assert found["haproxy"]["hosts"] == ["lb1", "lb2"]
    for group in ("haproxy_backends", "haproxy_pool_1", "haproxy_domain_my__shop_test"):
        assert found[group]["hosts"] == ["10.0.0.1", "10.0.0.2"]
    second = found["_meta"]["hostvars"]["10.0.0.2"]
    place = {"pool": "pool_1", "domains": ["my-shop.test"], "slot": 2, "name": "pool_1_2"}
    values = {"http_port": 80, "weight": 7, "state": "drain"}
    assert second["haproxy_servers"] == [
        {"haproxy": "lb1", **place, **values},
        {"haproxy": "lb2", **place, **values},
    ]
    assert second["ansible_host"] == "10.0.0.2"
    served = found["_meta"]["hostvars"]["lb1"]["haproxy_served"]
    assert [pool["pool"] for pool in served["pools"]] == ["pool_1"]


def test_earlier_source(inventory: Inventory, haproxy_binary: Path, tmp_path: Path) -> None:
    """The hosts of an earlier source, with group variables and templates; it names a backend."""
    one, two = two_hosts(haproxy_binary, tmp_path)
    lbs = inventory.hosts(lb1=one.base_dir, lb2=two.base_dir)
    for variables in lbs.values():
        variables["haproxy_base_dir"] = "{{ folders[inventory_hostname] }}"
        variables.pop("ansible_user", None)
    web = {"web2": {"ansible_host": "10.0.0.2"}}
    inventory.put("a.yml", {"haproxy": {"hosts": lbs}, "all": {"hosts": web}})
    user = inventory.variables.get("ansible_user")
    folders = {"lb1": str(one.base_dir), "lb2": str(two.base_dir)}
    (inventory.folder / "group_vars").mkdir()
    variables = {"folders": folders, **({"ansible_user": user} if user else {})}
    inventory.put("group_vars/haproxy.yml", variables)
    inventory.put_plugin()
    found, told = inventory.read()
    assert not told
    assert found["haproxy_domain_my__shop_test"]["hosts"] == ["10.0.0.1", "web2"]
    assert "10.0.0.2" not in found["_meta"]["hostvars"]
    assert len(found["_meta"]["hostvars"]["web2"]["haproxy_servers"]) == 2


def test_constructed(local: Inventory, haproxy_binary: Path, tmp_path: Path) -> None:
    """Variables and groups that the user composes."""
    one, _two = two_hosts(haproxy_binary, tmp_path)
    local.put_plugin(
        hosts=local.hosts(lb1=one.base_dir),
        strict=True,
        prefix="lb_",
        compose={"slot": "haproxy_servers[0].slot if haproxy_servers is defined else 0"},
        groups={"leaving": "'drain' in haproxy_states | default([])"},
        keyed_groups=[{"key": "haproxy_states | default([])", "prefix": "state"}],
    )
    found, _told = local.read()
    slots = {name: values["slot"] for name, values in found["_meta"]["hostvars"].items()}
    assert slots == {"lb1": 0, "10.0.0.1": 1, "10.0.0.2": 2}
    assert found["leaving"]["hosts"] == found["state_drain"]["hosts"] == ["10.0.0.2"]
    assert found["lb_backends"]["hosts"] == ["10.0.0.1", "10.0.0.2"]
    local.put_plugin(hosts=local.hosts(lb1=one.base_dir), strict=True, compose={"x": "nothing"})
    assert "'nothing' is undefined" in local.fails()


def test_cache(local: Inventory, haproxy_binary: Path, tmp_path: Path) -> None:
    """What was read is kept; what could not all be read is not."""
    one, two = two_hosts(haproxy_binary, tmp_path)
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
        "skip_unreachable": True,
    }
    away = one.base_dir.with_name("away")
    one.base_dir.rename(away)
    local.put_plugin(hosts=local.hosts(lb1=one.base_dir, lb2=two.base_dir), **cache)
    _found, told = local.read()
    assert "Backends may be missing" in told and "lb1: There is no database at" in told
    away.rename(one.base_dir)
    first, told = local.read()
    assert not told
    two.module("haproxy_domain", domain="new.test", ip="10.0.0.9")
    assert local.read()[0] == first
    for kept in (tmp_path / "cache").iterdir():
        kept.unlink()
    assert "10.0.0.9" in local.read()[0]["_meta"]["hostvars"]


def test_host_that_cannot_be_read(
    inventory: Inventory, haproxy_binary: Path, tmp_path: Path, sshd: Sshd
) -> None:
    """The source fails with the host's name and words, or goes on without it."""
    one, _two = two_hosts(haproxy_binary, tmp_path)
    hosts = inventory.hosts(lb1=one.base_dir, lb2=tmp_path / "nothing")
    inventory.put_plugin(hosts=hosts)
    assert "lb2: There is no database at" in inventory.fails()
    down = {**sshd.inventory_vars(), "ansible_port": 1}
    inventory.put_plugin(hosts={**inventory.hosts(lb1=one.base_dir), "lb3": down})
    told = inventory.fails()
    assert "lb3: " in told and "With skip_unreachable" in told
    assert says(told, "Connection refused")
    inventory.put_plugin(hosts={"lb3": down}, skip_unreachable=True)
    assert "With skip_unreachable" not in inventory.fails()


def test_no_host(local: Inventory) -> None:
    """Without a host there is nothing to read, and it is said where to name one."""
    local.put_plugin()
    assert "Name some in hosts" in local.fails()
    local.put_plugin(hosts={"lb1": {"ansible_connection": "carrier.pigeon.post"}})
    assert "there is no connection plugin carrier.pigeon.post" in local.fails()


def test_certificates(secured: Secured, authority: Authority, local: Inventory) -> None:
    """A certificate's group has the HAProxy hosts that hold it."""
    secured.module("haproxy_cert", content=authority.issue("a.test").combined)
    local.put_plugin(hosts=local.hosts(lb1=secured.base_dir))
    found, _told = local.read()
    assert found["haproxy_cert_a_test"]["hosts"] == ["lb1"]
    (certificate,) = found["_meta"]["hostvars"]["lb1"]["haproxy_served"]["certificates"]
    assert certificate["domains"] == ["a.test"]
