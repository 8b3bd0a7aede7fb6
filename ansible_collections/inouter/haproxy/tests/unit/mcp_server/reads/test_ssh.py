# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a host: which hosts are connected to, as whom and with what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko
import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.problems import Unreachable
from ansible_collections.inouter.haproxy.mcp_server.reads import ssh
from ansible_collections.inouter.haproxy.mcp_server.reads.variables import SSH, Reach

CONFIG = """
Host bastion
  HostName 192.0.2.1
  User jumper
  Port 2201
  IdentityFile /keys/bastion
  UserKnownHostsFile /known/bastion
Host inner
  ProxyJump bastion
Host lb1
  ProxyJump inner
Host circle
  ProxyJump circle
"""
BASTION = ("192.0.2.1", 2201, "jumper", "/keys/bastion")
TARGET = ("lb1", 22, "admin", "/keys/lb1")


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the way to a target with these options of ssh."""
    config = tmp_path / "config"
    config.write_text(CONFIG)
    made: list[Any] = []

    def connected(hop: Any, *_given: Any) -> paramiko.SSHClient:
        made.append(hop)
        return paramiko.SSHClient()

    monkeypatch.setattr(ssh, "_socket", lambda *_given: None)
    monkeypatch.setattr(ssh, "_connected", connected)

    def find(address: str = "lb1", file: str = str(config), **options: str) -> list[Any]:
        made.clear()
        reach = Reach(SSH, "python3", "/x", "", None, address, None, "admin", "word", "/keys/lb1")
        ssh.connect(reach._replace(options=options, config_file=file))
        return list(made)

    return find


def test_a_jump_host_has_settings_of_its_own(way: Any) -> None:
    """Its words come first, then the configuration; nothing of the target's counts for it."""
    options = {"userknownhostsfile": "/known/lb1", "identitiesonly": "yes"}
    jump, target = way(proxyjump="bastion", **options)
    assert (jump[:4], target[:4]) == (BASTION, TARGET)
    assert jump.settings["userknownhostsfile"] == "/known/bastion"
    assert "identitiesonly" not in jump.settings
    jump, _target = way(proxyjump="me@bastion:22")
    assert jump[:4] == ("192.0.2.1", 22, "me", "/keys/bastion")


@pytest.mark.parametrize(
    ("words", "hop"),
    [
        ("other", ("other", 22, None, None)),
        ("ssh://me@other:1", ("other", 1, "me", None)),
        ("a@b@[fe80::1]:2", ("fe80::1", 2, "a@b", None)),
    ],
    ids=["name", "address", "six"],
)
def test_a_jump_host_that_the_configuration_does_not_have(way: Any, words: str, hop: Any) -> None:
    assert [found[:4] for found in way(proxyjump=words)] == [hop, TARGET]
    assert [found[:4] for found in way(file="none", proxyjump=words)] == [hop, TARGET]


def test_several_jump_hosts(way: Any) -> None:
    """The first may have jump hosts of its own, as in OpenSSH."""
    assert [hop.address for hop in way()] == ["192.0.2.1", "inner", "lb1"]
    names = [hop.address for hop in way(proxyjump="a,inner")]
    assert names == ["a", "inner", "lb1"]
    assert [hop.address for hop in way(proxycommand="x")] == ["lb1"]


@pytest.mark.parametrize(
    ("address", "options", "words"),
    [
        ("circle", {}, "more than 10 jump hosts, or they go in a circle"),
        ("lb1", {"proxyjump": "a:b"}, "'a:b' names no jump host"),
        ("lb1", {"proxyjump": "a,,b"}, "'' names no jump host"),
    ],
    ids=["circle", "port", "empty"],
)
def test_jump_hosts_that_cannot_be(
    way: Any, address: str, options: dict[str, str], words: str
) -> None:
    with pytest.raises(Unreachable, match=words):
        way(address, **options)


def test_who_cannot_be_reached(way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any) -> None:
        raise paramiko.AuthenticationException("no")

    monkeypatch.setattr(ssh, "_connected", refuse)
    with pytest.raises(Unreachable, match="192.0.2.1 port 2201 does not accept .* for jumper"):
        way(proxyjump="bastion")
