# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory may say in ssh's own arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.problems import ConfigurationProblem
from ansible_collections.inouter.haproxy.mcp_server.reads.ssh_arguments import (
    known_hosts,
    ssh_arguments,
)

YES = "-o StrictHostKeyChecking=yes"


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ("-o ProxyJump=a@b:1", {"proxyjump": "a@b:1"}),
        ("-J a,b -o 'UserKnownHostsFile /x y'", {"proxyjump": "a,b", "userknownhostsfile": "/x y"}),
        ("-o Port=1 -oPort=2 -o port=3 -p 4", {"port": "1"}),
        ("-Cqv4 -o ControlMaster=auto", {"controlmaster": "auto"}),
        ("-l me -p 22", {"user": "me", "port": "22"}),
        ("-Cp22 -Ti /key", {"port": "22", "identityfile": "/key"}),
        ("-o 'ProxyCommand ssh -o A=b c'", {"proxycommand": "ssh -o A=b c"}),
        ("-o 'UserKnownHostsFile = \"/x y\"'", {"userknownhostsfile": "/x y"}),
        (YES, {"stricthostkeychecking": "yes"}),
    ],
    ids=["option", "jump", "first", "others", "login", "joined", "command", "quoted", "strict"],
)
def test_options(arguments: str, options: dict[str, str]) -> None:
    assert ssh_arguments("lb1", {"ansible_ssh_common_args": arguments}).options == options


def test_files_that_are_named() -> None:
    found = ssh_arguments("lb1", {"ansible_ssh_common_args": "-F none"})
    assert found == ("none", {})
    assert ssh_arguments("lb1", {}) == ("~/.ssh/config", {})


def test_the_first_variable_wins() -> None:
    variables = {
        "ansible_ssh_extra_args": "-l three",
        "ansible_ssh_args": f"-l one {YES}",
        "ansible_ssh_common_args": "-l two -p 2",
    }
    found = ssh_arguments("lb1", variables).options
    assert (found["user"], found["port"]) == ("one", "2")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"ansible_ssh_args": "-C -o StrictHostKeyChecking=no"},
            "lb1: ansible_ssh_args has Strict",
        ),
        (
            {"ansible_ssh_args": f"{YES} -o StrictHostKeyChecking=no"},
            "host keys are always checked",
        ),
        ({"ansible_ssh_common_args": "-Co stricthostkeychecking=off"}, "common_args has Strict"),
        (
            {"ansible_ssh_extra_args": "-o 'StrictHostKeyChecking\taccept-new'"},
            "ansible_ssh_extra_args has StrictHostKeyChecking=accept-new",
        ),
        ({"ansible_ssh_args": ""}, "takes the place of what makes ssh check host keys"),
        ({"ansible_ssh_args": "-C"}, "Name it ansible_ssh_common_args, or add -o Strict"),
        ({"ansible_host_key_checking": False}, "lb1: ansible_host_key_checking is False, but"),
        ({"ansible_ssh_host_key_checking": "no"}, "ansible_ssh_host_key_checking is 'no'"),
        ({"ansible_paramiko_host_key_checking": 0}, "ansible_paramiko_host_key_checking is 0"),
        ({"ansible_ssh_common_args": "-Z"}, "nothing that ssh understands: option -Z not"),
        ({"ansible_ssh_common_args": "-o 'a"}, "nothing that ssh understands: No closing"),
        ({"ansible_ssh_common_args": "-o Port"}, "understands: -o 'Port' has no value"),
    ],
)
def test_what_is_refused(variables: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationProblem, match=words):
        ssh_arguments("lb1", variables)


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_ssh_args": "-C", "ansible_ssh_common_args": YES},
        {"ansible_ssh_args": "-o 'StrictHostKeyChecking = Yes' -o UserKnownHostsFile=/dev/null"},
        {"ansible_host_key_checking": "True", "ansible_ssh_args": None},
    ],
    ids=["elsewhere", "nobody", "checked"],
)
def test_what_is_strict(variables: dict[str, Any]) -> None:
    ssh_arguments("lb1", variables)


def test_files_of_known_hosts(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("")
    two.write_text("")
    given = {"userknownhostsfile": f"{one} {tmp_path}/no", "globalknownhostsfile": str(two)}
    assert known_hosts(given) == [one, two]
    assert known_hosts({"userknownhostsfile": "none", "globalknownhostsfile": "/dev/null"}) == []
