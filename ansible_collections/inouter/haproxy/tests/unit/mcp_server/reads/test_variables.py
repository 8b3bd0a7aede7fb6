# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a host, from the variables that Ansible would use."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.configuration.inventory import Host
from ansible_collections.inouter.haproxy.mcp_server.problems import ConfigurationProblem
from ansible_collections.inouter.haproxy.mcp_server.reads.variables import (
    LOCAL,
    SSH,
    Become,
    reach,
)


def reached(**variables: Any) -> Any:
    """How a host of these variables is reached."""
    return reach(Host("lb1", variables))


def test_defaults() -> None:
    found = reached()
    assert (found.connection, found.address, found.port, found.user) == (SSH, "lb1", None, None)
    assert (found.python, found.base_dir, found.runtime_api) == ("python3", "/opt/haproxy", "")
    assert found.become is None and found.config_file == "~/.ssh/config"


def test_all_variables() -> None:
    found = reached(
        ansible_host="10.0.0.1",
        ansible_port="2222",
        ansible_user="admin",
        ansible_password="word",
        ansible_ssh_private_key_file="~/key",
        ansible_python_interpreter="/usr/bin/python3.9",
        haproxy_base_dir="/srv/lb",
        haproxy_runtime_api="127.0.0.1:9999",
    )
    assert (found.address, found.port, found.user) == ("10.0.0.1", 2222, "admin")
    assert (found.password, found.key_file) == ("word", "~/key")
    assert (found.base_dir, found.runtime_api) == ("/srv/lb", "127.0.0.1:9999")


@pytest.mark.parametrize(
    "name", ["ssh", "ansible.builtin.ssh", "smart", "paramiko", "ansible.netcommon.paramiko_ssh"]
)
def test_connections_by_ssh(name: str) -> None:
    assert reached(ansible_connection=name).connection == SSH


@pytest.mark.parametrize("name", ["local", "ansible.builtin.local"])
def test_local(name: str) -> None:
    assert reached(ansible_connection=name).connection == LOCAL


@pytest.mark.parametrize(
    ("variables", "become"),
    [
        ({"ansible_become": True}, Become("root", "")),
        ({"ansible_become": "yes", "ansible_become_user": "haproxy"}, Become("haproxy", "")),
        ({"ansible_become": True, "ansible_become_pass": "word"}, Become("root", "word")),
        ({"ansible_become": True, "ansible_become_method": "ansible.builtin.sudo"}, Become()),
        ({"ansible_become": False, "ansible_become_user": "haproxy"}, None),
        ({"ansible_become_user": "haproxy"}, None),
    ],
    ids=["yes", "user", "password", "sudo", "no", "silent"],
)
def test_become(variables: dict[str, Any], become: Become | None) -> None:
    assert reached(**variables).become == become


@pytest.mark.parametrize("name", ["auto", "auto_silent", "auto_legacy", "auto_legacy_silent", ""])
def test_a_python_that_has_to_be_found(name: str) -> None:
    assert reached(ansible_python_interpreter=name).python == "python3"


def test_arguments_of_ssh() -> None:
    lax = {"ansible_ssh_common_args": "-o StrictHostKeyChecking=no"}
    found = reached(ansible_ssh_common_args="-F none", ansible_ssh_extra_args="-i /key")
    assert (found.config_file, found.options) == ("none", {"identityfile": "/key"})
    with pytest.raises(ConfigurationProblem, match="host keys are always checked"):
        reached(**lax)
    assert reached(**lax, ansible_connection="local").options == {}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"ansible_host": "{{ x }}"}, "lb1: the variable ansible_host is a template"),
        ({"haproxy_base_dir": "/{{ x }}"}, "haproxy_base_dir is a template"),
        ({"ansible_ssh_args": "-C{% if x %}C{% endif %}"}, "ansible_ssh_args is a template"),
        ({"ansible_ssh_args": "-C{# x #}C"}, "ansible_ssh_args is a template"),
        ({"ansible_password": {"__ansible_vault": "$ANSIBLE_VAULT;1.1"}}, "password is encrypted"),
        ({"ansible_connection": "docker"}, "'docker' cannot be used for reads"),
        ({"ansible_become": True, "ansible_become_method": "su"}, "'su' cannot be used for reads"),
        (
            {"ansible_connection": "local", "ansible_become": True, "ansible_become_pass": "x"},
            "NOPASSWD",
        ),
    ],
    ids=["host", "base", "if", "comment", "vault", "docker", "su", "password"],
)
def test_what_cannot_be_used(variables: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationProblem, match=words):
        reached(**variables)


def test_templates_elsewhere_do_not_matter() -> None:
    assert reached(my_variable="{{ x }}").address == "lb1"


def test_what_is_no_template_though_it_looks_like_one() -> None:
    assert reached(ansible_password={"__ansible_unsafe": "a{{b"}).password == "a{{b"
