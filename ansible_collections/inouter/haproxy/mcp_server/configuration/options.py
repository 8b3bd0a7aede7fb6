# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is told at start: arguments, each with an environment variable beside it."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..problems import ConfigurationProblem
from .environment import Installation, installation, refuse_local

TOOLSETS = (
    "domains",
    "servers",
    "health",
    "monitoring",
    "configuration",
    "certificates",
    "state",
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
STATE_FILE = "data/servers.state"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Options:
    """How one server behaves.

    :param inventory: file, folder or plugin of Ansible; None for the HAProxy on this machine
    :param target: host or group that calls mean which name none; empty to let the inventory tell
    :param trusted_networks: callers from there need no token
    :param rate_limit: calls a minute for each caller
    :param body_limit: bytes of one request
    :param state_keys: secrets shared by replicas, with which a pending question is sealed
    """

    transport: str = "http"
    host: str = "0.0.0.0"
    port: int = 8000
    inventory: Path | None = None
    installation: Installation = field(default_factory=Installation)
    target: str = ""
    state_file: str = ""
    tokens_file: Path | None = None
    tokens: str = field(default="", repr=False)
    trusted_networks: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    read_only: bool = False
    disable_destructive: bool = False
    toolsets: tuple[str, ...] = TOOLSETS
    converge: bool = True
    rate_limit: int = 600
    body_limit: int = 1024 * 1024
    workers: int = 8
    waiting: int = 16
    log_level: str = "INFO"
    state_keys: tuple[str, ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def parse(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Options:
    """The options of a command line; raises ConfigurationProblem."""
    environment = os.environ if environment is None else environment
    given = parser(environment).parse_args(arguments)
    inventory = Path(given.inventory) if given.inventory else None
    if inventory is not None:
        _require(inventory.exists(), f"--inventory: {inventory} does not exist.")
        refuse_local(environment)
    return Options(
        transport=given.transport,
        host=given.host,
        port=_number("--port", given.port, 0, 65535),
        inventory=inventory,
        installation=Installation() if inventory else installation(environment),
        target=given.target,
        state_file=environment.get("HAPROXY_STATE_FILE", ""),
        tokens_file=Path(given.tokens_file) if given.tokens_file else None,
        tokens=_tokens(environment),
        trusted_networks=tuple(_network(word) for word in _words(given.trusted_networks)),
        allowed_hosts=_words(given.allowed_hosts),
        allowed_origins=_words(given.allowed_origins),
        read_only=given.read_only,
        disable_destructive=given.disable_destructive,
        toolsets=_toolsets(given.toolsets),
        converge=not given.no_converge,
        rate_limit=_number("--rate-limit", given.rate_limit, 1, 10**6),
        body_limit=_number("--body-limit", given.body_limit, 1024, 2**30),
        workers=_number("--workers", given.workers, 1, 64),
        waiting=_number("--waiting", given.waiting, 1, 10**4),
        log_level=_level(given.log_level),
        state_keys=_words(environment.get("MCP_STATE_KEYS", "")),
        environment=dict(environment),
    )


def parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """The arguments, with the environment's values as their defaults."""
    made = argparse.ArgumentParser(
        prog="python -m ansible_collections.inouter.haproxy.mcp_server",
        description="Lets agents manage HAProxy hosts over the Model Context Protocol.",
    )
    for name, variable, default, about in _ARGUMENTS:
        value = environment.get(variable) or default
        about = f"{about} ({variable}; default: {default or 'none'})"
        made.add_argument(f"--{name}", default=value, help=about)
    for name, variable, about in _SWITCHES:
        on = environment.get(variable, "").lower() in ("1", "true", "yes")
        made.add_argument(
            f"--{name}", action="store_true", default=on, help=f"{about} ({variable})"
        )
    made.add_argument("transport", nargs="?", default="http", choices=("http", "stdio"))
    return made


_ARGUMENTS = (
    ("host", "MCP_HOST", "0.0.0.0", "address to listen at"),
    ("port", "MCP_PORT", "8000", "port to listen at"),
    ("inventory", "MCP_INVENTORY", "", "Ansible inventory: a file, a folder or a plugin"),
    ("target", "MCP_TARGET", "", "host or group for calls that name none"),
    ("tokens-file", "MCP_TOKENS_FILE", "", "file of tokens, made by 'token new'"),
    ("trusted-networks", "MCP_TRUSTED_NETWORKS", "", "networks whose callers need no token"),
    ("allowed-hosts", "MCP_ALLOWED_HOSTS", "", "Host names that callers may use, beside loopback"),
    ("allowed-origins", "MCP_ALLOWED_ORIGINS", "", "Origins of browsers that may call"),
    ("toolsets", "MCP_TOOLSETS", "all", f"which of {', '.join(TOOLSETS)}"),
    ("rate-limit", "MCP_RATE_LIMIT", "600", "calls a minute for each caller"),
    ("body-limit", "MCP_BODY_LIMIT", "1048576", "bytes of one request"),
    ("workers", "MCP_WORKERS", "8", "writes that run at once"),
    ("waiting", "MCP_WAITING", "16", "writes that may wait for their turn"),
    ("log-level", "LOG_LEVEL", "INFO", f"one of {', '.join(LEVELS)}"),
)
_SWITCHES = (
    ("read-only", "MCP_READ_ONLY", "offer no tool that changes anything"),
    ("disable-destructive", "MCP_DISABLE_DESTRUCTIVE", "offer no tool that removes or replaces"),
    ("no-converge", "MCP_NO_CONVERGE", "do not make the hosts agree with their databases at start"),
)


def _tokens(environment: Mapping[str, str]) -> str:
    """The hashed tokens of MCP_TOKENS, and the plain one of MCP_TOKEN, as lines."""
    lines = environment.get("MCP_TOKENS", "").replace(";", "\n")
    if environment.get("MCP_TOKEN"):
        from ..security.tokens import line_of  # here, for few installations give a plain one

        lines += f"\n{line_of('MCP_TOKEN', environment['MCP_TOKEN'], ('read', 'write'))}"
    return lines


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _network(word: str) -> Network:
    try:
        return ipaddress.ip_network(word)
    except ValueError as error:
        raise ConfigurationProblem(f"--trusted-networks: {word!r} is no network: {error}") from None


def _toolsets(text: str) -> tuple[str, ...]:
    words = _words(text)
    if "all" in words:
        return TOOLSETS
    for word in words:
        _require(
            word in TOOLSETS, f"--toolsets: {word!r} is not one of all, {', '.join(TOOLSETS)}."
        )
    return tuple(name for name in TOOLSETS if name in words)


def _number(name: str, text: str, low: int, high: int) -> int:
    good = text.isascii() and text.isdigit() and low <= int(text) <= high
    _require(good, f"{name}: {text!r} is not a whole number from {low} to {high}.")
    return int(text)


def _level(text: str) -> str:
    level = text.upper()
    _require(level in LEVELS, f"LOG_LEVEL: {text!r} is not one of {', '.join(LEVELS)}.")
    return level


def _require(good: bool, message: str) -> None:
    if not good:
        raise ConfigurationProblem(message)


def own_python() -> str:
    """The interpreter that runs this server, which the local HAProxy's modules use too."""
    return sys.executable
