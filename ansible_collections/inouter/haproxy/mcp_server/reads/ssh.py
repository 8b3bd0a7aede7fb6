# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One SSH connection to a host: its key must be known, and it may lead over jump hosts."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import paramiko

from ..problems import Unreachable
from .variables import Reach, known_hosts

SECONDS = 10.0
KEEPALIVE_SECONDS = 15


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
    address: str
    port: int
    user: str | None
    key_file: str | None


def connect(reach: Reach) -> Connection:
    """Connect; blocks. Raises Unreachable with the reason, and what to do about it."""
    settings = {**_configured(reach), **reach.options}
    target = _Hop(
        settings.get("hostname", reach.address),
        reach.port or int(settings.get("port", 22)),
        reach.user or settings.get("user"),
        reach.key_file or settings.get("identityfile"),
    )
    clients: list[paramiko.SSHClient] = []
    try:
        for hop in [*_jumps(settings, target), target]:
            password = reach.password if hop is target else None
            clients.append(_connected(hop, settings, password, _socket(clients, hop, settings)))
    except (paramiko.SSHException, OSError) as error:
        Connection(clients).close()
        raise Unreachable(_reason(target, error)) from error
    return Connection(clients)


def _configured(reach: Reach) -> dict[str, Any]:
    """What the user's own ssh configuration says of this host."""
    path = Path(reach.config_file).expanduser()
    if reach.config_file == "none" or not path.is_file():
        return {}
    found: dict[str, Any] = dict(paramiko.SSHConfig.from_path(str(path)).lookup(reach.address))
    if "identityfile" in found:
        found["identityfile"] = found["identityfile"][0]
    return found


def _jumps(settings: Mapping[str, str], target: _Hop) -> list[_Hop]:
    words = settings.get("proxyjump", "")
    if words in ("", "none"):
        return []
    return [_jump(word, target) for word in words.split(",")]


def _jump(word: str, target: _Hop) -> _Hop:
    user, _at, place = word.removeprefix("ssh://").rpartition("@")
    address, _colon, port = place.rpartition(":") if place[-1] != "]" else (place, "", "")
    if not address:
        address, port = place, ""
    return _Hop(address.strip("[]"), int(port or 22), user or target.user, target.key_file)


def _socket(clients: list[paramiko.SSHClient], hop: _Hop, settings: Mapping[str, str]) -> Any:
    if clients:
        transport = clients[-1].get_transport()
        assert transport is not None
        return transport.open_channel(
            "direct-tcpip", (hop.address, hop.port), ("127.0.0.1", 0), timeout=SECONDS
        )
    if settings.get("proxycommand", "none") != "none":
        line = settings["proxycommand"].replace("%h", hop.address).replace("%p", str(hop.port))
        return paramiko.ProxyCommand(line)
    made = socket.create_connection((hop.address, hop.port), SECONDS)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _connected(
    hop: _Hop, settings: Mapping[str, str], password: str | None, sock: Any
) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    for path in known_hosts(settings):
        client.load_host_keys(str(path))
    own = settings.get("identitiesonly", "no").lower() != "yes"
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
