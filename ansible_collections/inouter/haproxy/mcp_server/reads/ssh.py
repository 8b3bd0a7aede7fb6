# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One SSH connection to a host: its key must be known, and it may lead over jump hosts."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import paramiko

from ..problems import Unreachable
from .ssh_arguments import known_hosts
from .variables import Reach

SECONDS = 10.0
KEEPALIVE_SECONDS = 15
MOST_JUMPS = 10
_JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>.+)@)?(?P<host>\[[^]]+\]|[^][:@]+)(?::(?P<port>\d+))?")


class Connection(NamedTuple):
    """A client that is connected, with the clients of the jump hosts that it leads over."""

    clients: list[paramiko.SSHClient]

    @property
    def transport(self) -> paramiko.Transport:
        """The transport to the host itself."""
        found = self.clients[-1].get_transport()
        assert found is not None
        return found

    def close(self) -> None:
        """Close all of them, the host's first."""
        for client in reversed(self.clients):
            client.close()


class _Hop(NamedTuple):
    """A host on the way; its settings are those of ssh, in lower case."""

    address: str
    port: int
    user: str | None
    key_file: str | None
    settings: Mapping[str, Any]


def connect(reach: Reach) -> Connection:
    """Connect; blocks. Raises Unreachable with the reason, and what to do about it."""
    clients: list[paramiko.SSHClient] = []
    target = _target(reach)
    for hop in [*_jumps(target, reach.config_file), target]:
        password = reach.password if hop is target else None
        try:
            clients.append(_connected(hop, password, _socket(clients, hop)))
        except (paramiko.SSHException, OSError) as error:
            Connection(clients).close()
            raise Unreachable(_reason(hop, error)) from error
    return Connection(clients)


def _target(reach: Reach) -> _Hop:
    configured = _configured(reach.config_file, reach.address)
    if "proxycommand" in reach.options:
        configured.pop("proxyjump", None)
    settings = {**configured, **reach.options}
    return _Hop(
        settings.get("hostname", reach.address),
        reach.port or int(settings.get("port", 22)),
        reach.user or settings.get("user"),
        reach.key_file or settings.get("identityfile"),
        settings,
    )


def _configured(config_file: str, alias: str) -> dict[str, Any]:
    """What the user's own ssh configuration says of a host."""
    path = Path(config_file).expanduser()
    if config_file == "none" or not path.is_file():
        return {}
    found: dict[str, Any] = dict(paramiko.SSHConfig.from_path(str(path)).lookup(alias))
    if "identityfile" in found:
        found["identityfile"] = found["identityfile"][0]
    return found


def _jumps(hop: _Hop, config_file: str, known: int = 0) -> list[_Hop]:
    """The jump hosts before a host. The first of them may have its own in the configuration."""
    words = hop.settings.get("proxyjump", "none")
    if words == "none":
        return []
    found = [_jump(word, config_file) for word in words.split(",")]
    if known + len(found) > MOST_JUMPS:
        raise Unreachable(f"There are more than {MOST_JUMPS} jump hosts, or they go in a circle.")
    return [*_jumps(found[0], config_file, known + len(found)), *found]


def _jump(word: str, config_file: str) -> _Hop:
    """A jump host: as in OpenSSH, nothing that is said of the target counts for it."""
    said = _JUMP.fullmatch(word.strip())
    if said is None:
        raise Unreachable(f"{word!r} names no jump host. Write [user@]host[:port].")
    alias = said["host"].strip("[]")
    settings = _configured(config_file, alias)
    return _Hop(
        settings.get("hostname", alias),
        int(said["port"] or settings.get("port", 22)),
        said["user"] or settings.get("user"),
        settings.get("identityfile"),
        settings,
    )


def _socket(clients: list[paramiko.SSHClient], hop: _Hop) -> Any:
    if clients:
        transport = clients[-1].get_transport()
        assert transport is not None
        return transport.open_channel(
            "direct-tcpip", (hop.address, hop.port), ("127.0.0.1", 0), timeout=SECONDS
        )
    command = hop.settings.get("proxycommand", "none")
    if command != "none":
        line = command.replace("%h", hop.address).replace("%p", str(hop.port))
        return paramiko.ProxyCommand(line)
    made = socket.create_connection((hop.address, hop.port), SECONDS)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _connected(hop: _Hop, password: str | None, sock: Any) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    for path in known_hosts(hop.settings):
        client.load_host_keys(str(path))
    own = hop.settings.get("identitiesonly", "no").lower() != "yes"
    try:
        client.connect(
            hop.address,
            hop.port,
            hop.user,
            password,
            key_filename=str(Path(hop.key_file).expanduser()) if hop.key_file else None,
            sock=sock,
            timeout=SECONDS,
            banner_timeout=SECONDS,
            auth_timeout=SECONDS,
            channel_timeout=SECONDS,
            allow_agent=own,
            look_for_keys=own,
        )
    except BaseException:
        client.close()
        sock.close()
        raise
    transport = client.get_transport()
    assert transport is not None
    transport.set_keepalive(KEEPALIVE_SECONDS)
    return client


def _reason(hop: _Hop, error: Exception) -> str:
    place = f"{hop.address} port {hop.port}"
    if isinstance(error, paramiko.BadHostKeyException):
        return f"{place} shows another host key than known_hosts has. Find out why before going on."
    if "not found in known_hosts" in str(error):
        return (
            f"The host key of {place} is not in known_hosts. Add it there, after comparing it, with"
            f" ssh-keyscan -p {hop.port} {hop.address}."
        )
    if isinstance(error, paramiko.AuthenticationException):
        user = f" for {hop.user}" if hop.user else ""
        return f"{place} does not accept the key or password{user}: {error}"
    return f"There is no SSH connection to {place}: {error}"
