# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a host, from the variables that Ansible itself would use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..configuration.inventory import ENCRYPTED, UNSAFE, USED, Host
from ..problems import ConfigurationProblem
from .ssh_arguments import SshArguments, ssh_arguments

LOCAL, SSH = "local", "ssh"
_CONNECTIONS = {"local": LOCAL, "ssh": SSH, "smart": SSH, "paramiko": SSH, "paramiko_ssh": SSH}


class Become(NamedTuple):
    """The user to become on the host, by sudo."""

    user: str = "root"
    password: str = ""


class Reach(NamedTuple):
    """How to reach a host, and where its HAProxy is.

    :param options: what ssh's own arguments say: `-o`, `-J`, `-i` and so on, in lower case
    """

    connection: str
    python: str
    base_dir: str
    runtime_api: str
    become: Become | None = None
    address: str = ""
    port: int | None = None
    user: str | None = None
    password: str | None = None
    key_file: str | None = None
    options: Mapping[str, str] = {}
    config_file: str = SshArguments().config_file


def reach(host: Host) -> Reach:
    """What the host's variables say; raises ConfigurationProblem."""
    variables = {name: _plain(host.name, name, value) for name, value in host.variables.items()}
    get = variables.get
    connection = _connection(host.name, str(get("ansible_connection", SSH)))
    said = ssh_arguments(host.name, variables) if connection == SSH else SshArguments()
    return Reach(
        connection=connection,
        python=_python(str(get("ansible_python_interpreter") or "")),
        base_dir=str(get("haproxy_base_dir") or "/opt/haproxy"),
        runtime_api=str(get("haproxy_runtime_api") or ""),
        become=_become(host.name, variables),
        address=str(get("ansible_ssh_host") or get("ansible_host") or host.name),
        port=_port(get("ansible_ssh_port") or get("ansible_port")),
        user=get("ansible_ssh_user") or get("ansible_user"),
        password=get("ansible_ssh_password") or get("ansible_ssh_pass") or get("ansible_password"),
        key_file=get("ansible_ssh_private_key_file") or get("ansible_private_key_file"),
        options=said.options,
        config_file=said.config_file,
    )


def _plain(host: str, name: str, value: Any) -> Any:
    """A value as it is; templates are Ansible's own and are not worked out here."""
    if not name.startswith(USED):
        return value
    if isinstance(value, dict) and ENCRYPTED in value:
        raise ConfigurationProblem(
            f"{host}: the variable {name} is encrypted, and the server has no vault password that"
            " decrypts it. Name the password's file in ANSIBLE_VAULT_PASSWORD_FILE."
        )
    if isinstance(value, dict) and UNSAFE in value:
        return value[UNSAFE]
    if isinstance(value, str) and _is_template(value):
        raise ConfigurationProblem(
            f"{host}: the variable {name} is a template, which reads cannot work out. Give its"
            " value in the inventory."
        )
    return value


def _is_template(value: str) -> bool:
    return any(begin in value for begin in ("{{", "{%", "{#"))


def _connection(host: str, name: str) -> str:
    found = _CONNECTIONS.get(name.rpartition(".")[2])
    if found is None:
        raise ConfigurationProblem(
            f"{host}: ansible_connection {name!r} cannot be used for reads. Use ssh or local."
        )
    return found


def _python(name: str) -> str:
    """Ansible's words for finding one (auto, auto_silent, auto_legacy) are no program."""
    return "python3" if not name or name.startswith("auto") else name


def _become(host: str, variables: Mapping[str, Any]) -> Become | None:
    if str(variables.get("ansible_become", "")).lower() not in ("true", "yes", "1"):
        return None
    method = variables.get("ansible_become_method", "sudo")
    if str(method).rpartition(".")[2] != "sudo":
        raise ConfigurationProblem(
            f"{host}: ansible_become_method {method!r} cannot be used for reads. Use sudo."
        )
    password = variables.get("ansible_become_password") or variables.get("ansible_become_pass")
    if password and _connection(host, str(variables.get("ansible_connection", SSH))) == LOCAL:
        raise ConfigurationProblem(
            f"{host}: sudo on this machine asks for a password, which nobody can type in. Allow it"
            " without one (NOPASSWD), or run the server as that user."
        )
    return Become(str(variables.get("ansible_become_user") or "root"), str(password or ""))


def _port(value: Any) -> int | None:
    return None if value is None else int(value)
