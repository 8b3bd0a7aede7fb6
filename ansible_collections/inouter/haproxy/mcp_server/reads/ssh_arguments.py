# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says in ssh's own arguments, which may not make it believe unknown hosts."""

from __future__ import annotations

import getopt
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..problems import ConfigurationProblem

_VARIABLES = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_CHECKING = (
    "ansible_host_key_checking",
    "ansible_ssh_host_key_checking",
    "ansible_paramiko_host_key_checking",
)
_TRUE = ("true", "yes", "on", "1", "y", "t", "none")
_FLAGS = "1246ab:c:e:fgi:kl:m:no:p:qstvxAB:CD:E:F:GI:J:KL:MNO:P:Q:R:S:TVw:W:XYy"
_CONFIG_FILE = "-F"
_NAMES = {
    _CONFIG_FILE: _CONFIG_FILE,
    "-J": "proxyjump",
    "-i": "identityfile",
    "-l": "user",
    "-p": "port",
}
_OPTION = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*", re.DOTALL)
_STRICT = "stricthostkeychecking"


class SshArguments(NamedTuple):
    """The configuration file that they name, and the options, in lower case."""

    config_file: str = "~/.ssh/config"
    options: Mapping[str, str] = {}


def ssh_arguments(host: str, variables: Mapping[str, Any]) -> SshArguments:
    """What a host's variables say; raises ConfigurationProblem."""
    _refuse_unchecked(host, variables)
    found: dict[str, str] = {}
    for variable in _VARIABLES:
        said = _said(host, variable, str(variables.get(variable) or ""))
        _refuse_lax(host, variable, said)
        # Of one option given twice, ssh takes the first.
        found = {**dict(reversed(said)), **found}
    _refuse_silence(host, variables, found)
    config_file = found.pop(_CONFIG_FILE, SshArguments().config_file)
    return SshArguments(config_file, found)


def _said(host: str, variable: str, text: str) -> list[tuple[str, str]]:
    """Each option with its value."""
    try:
        given, _others = getopt.getopt(shlex.split(text), _FLAGS)
        return [_option(flag, value) for flag, value in given if flag in ("-o", *_NAMES)]
    except (getopt.GetoptError, ValueError) as error:
        raise ConfigurationProblem(
            f"{host}: {variable} is nothing that ssh understands: {error}."
        ) from None


def _option(flag: str, value: str) -> tuple[str, str]:
    if flag in _NAMES:
        return _NAMES[flag], value
    found = _OPTION.fullmatch(value)
    if found is None:
        raise ValueError(f"-o {value!r} has no value")
    return found[1].lower(), found[2].strip('"')


def _refuse_unchecked(host: str, variables: Mapping[str, Any]) -> None:
    for variable in _CHECKING:
        if str(variables.get(variable, True)).lower() not in _TRUE:
            raise ConfigurationProblem(
                f"{host}: {variable} is {variables[variable]!r}, but host keys are always checked."
                " Remove the variable, and have the host's key in known_hosts."
            )


def _refuse_lax(host: str, variable: str, said: Sequence[tuple[str, str]]) -> None:
    for name, value in said:
        if name == _STRICT and value.lower() != "yes":
            raise ConfigurationProblem(
                f"{host}: {variable} has StrictHostKeyChecking={value}, but host keys are always"
                " checked. Remove it or say yes, and have the host's key in known_hosts."
            )


def _refuse_silence(host: str, variables: Mapping[str, Any], found: Mapping[str, str]) -> None:
    """Ansible takes this variable in place of the server's own arguments, which are strict."""
    if variables.get(_VARIABLES[0]) is not None and _STRICT not in found:
        raise ConfigurationProblem(
            f"{host}: {_VARIABLES[0]} takes the place of what makes ssh check host keys. Name it"
            f" {_VARIABLES[1]}, or add -o StrictHostKeyChecking=yes to it."
        )


def known_hosts(options: Mapping[str, str]) -> list[Path]:
    """The files that say which keys hosts have."""
    words = [
        *options.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2").split(),
        *options.get("globalknownhostsfile", "/etc/ssh/ssh_known_hosts").split(),
    ]
    paths = (Path(word).expanduser() for word in words if word != "none")
    return [path for path in paths if path.is_file()]
