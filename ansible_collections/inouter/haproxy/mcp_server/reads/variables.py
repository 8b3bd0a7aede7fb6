# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a host, from the variables that Ansible itself would use."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..configuration.inventory import Host
from ..problems import ConfigurationProblem

LOCAL, SSH = "local", "ssh"
_CONNECTIONS = {"local": LOCAL, "ssh": SSH, "smart": SSH, "paramiko": SSH, "paramiko_ssh": SSH}
_ARGUMENT_VARIABLES = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")


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
    config_file: str = "~/.ssh/config"


def reach(host: Host) -> Reach:
    """What the host's variables say; raises ConfigurationProblem."""
    variables = {name: _plain(host.name, name, value) for name, value in host.variables.items()}
    get = variables.get
    config, options = _arguments(host.name, variables)
    key = get("ansible_ssh_private_key_file") or get("ansible_private_key_file")
    return Reach(
        connection=_connection(host.name, str(get("ansible_connection", SSH))),
        python=str(get("ansible_python_interpreter") or "python3"),
        base_dir=str(get("haproxy_base_dir") or "/opt/haproxy"),
        runtime_api=str(get("haproxy_runtime_api") or ""),
        become=_become(host.name, variables),
        address=str(get("ansible_ssh_host") or get("ansible_host") or host.name),
        port=_port(get("ansible_ssh_port") or get("ansible_port")),
        user=get("ansible_ssh_user") or get("ansible_user"),
        password=get("ansible_ssh_password") or get("ansible_ssh_pass") or get("ansible_password"),
        key_file=key or options.pop("identityfile", None),
        options=options,
        config_file=config,
    )


_USED = ("ansible_", "haproxy_base_dir", "haproxy_runtime_api")


def _plain(host: str, name: str, value: Any) -> Any:
    """A value as it is; templates are Ansible's own and are not worked out here."""
    if name.startswith(_USED) and isinstance(value, str) and "{{" in value:
        raise ConfigurationProblem(
            f"{host}: the variable {name} is a template, which reads cannot work out. Give its"
            " value in the inventory."
        )
    return value


def _connection(host: str, name: str) -> str:
    found = _CONNECTIONS.get(name.rpartition(".")[2])
    if found is None:
        raise ConfigurationProblem(
            f"{host}: ansible_connection {name!r} cannot be used for reads. Use ssh or local."
        )
    return found


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


def _arguments(host: str, variables: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The configuration file and the options of ssh's arguments."""
    words = [
        word for name in _ARGUMENT_VARIABLES for word in shlex.split(str(variables.get(name, "")))
    ]
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-o", action="append", default=[])
    for flag in ("-F", "-J", "-i", "-l", "-p"):
        parser.add_argument(flag)
    given, _others = parser.parse_known_args(words)
    # Of one option given twice, ssh takes the first.
    options = {name.lower(): value for name, value in map(_option, reversed(given.o))}
    for name, value in (("proxyjump", given.J), ("identityfile", given.i), ("user", given.l)):
        if value:
            options[name] = value
    return given.F or "~/.ssh/config", options


def _option(text: str) -> tuple[str, str]:
    name, _sign, value = text.replace("=", " ", 1).strip().partition(" ")
    return name, value.strip().strip('"')


def known_hosts(options: Mapping[str, str]) -> list[Path]:
    """The files that say which keys hosts have."""
    words = [
        *options.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2").split(),
        *options.get("globalknownhostsfile", "/etc/ssh/ssh_known_hosts").split(),
    ]
    paths = (Path(word).expanduser() for word in words if word != "none")
    return [path for path in paths if path.is_file()]
