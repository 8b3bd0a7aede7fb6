# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One exchange over HAProxy's Runtime API: a line out, everything that comes back in."""

from __future__ import annotations

import errno
import socket
import string
import time
from typing import Union

from .._model.errors import InvalidInput, NotRunning, Unusable

Address = Union[str, tuple[str, int]]
"""A UNIX socket's path, or host and port."""

_HOST = frozenset(f"{string.ascii_letters}{string.digits}.-:[]")
PAUSE_SECONDS = 0.05
_ABSENT = (errno.ENOENT, errno.ECONNREFUSED)


def parse_address(text: str) -> Address:
    """The address that `runtime_api` names: an absolute path, `host:port` or `[ipv6]:port`."""
    if text.startswith("/") and text.isascii() and text.isprintable():
        return text
    host, _colon, port = text.rpartition(":")
    good_port = port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
    if not good_port or not _is_host(host):
        allowed = "An absolute path of a socket or host:port is allowed"
        raise InvalidInput("runtime_api", text, "is not a Runtime API address", allowed)
    return host.strip("[]"), int(port)


def _is_host(text: str) -> bool:
    labels = text.strip("[]").removesuffix(".").split(".")
    return _HOST.issuperset(text) and all(0 < len(label) < 64 for label in labels)


def exchange(address: Address, line: str, timeout: float) -> str:
    """Send one line and return all that HAProxy answers until it closes the connection.

    A process that ends cuts off who has connected and was not answered yet; what only reads is
    asked once more.

    Raises NotRunning where nobody listens, Unusable where somebody does but the talk fails.
    """
    try:
        try:
            return _talk(address, line, timeout)
        except (ConnectionResetError, BrokenPipeError):
            if not _only_reads(line):
                raise
        time.sleep(PAUSE_SECONDS)
        return _talk(address, line, timeout)
    except socket.timeout:
        raise Unusable(
            f"HAProxy's Runtime API at {shown(address)} did not answer within {timeout:g} s."
            " All connections that 'stats maxconn' allows may be in use by others."
        ) from None
    except OSError as error:
        raise _explained(address, error) from error


def _talk(address: Address, line: str, timeout: float) -> str:
    with _connected(address, timeout) as connection:
        connection.sendall(line.encode("ascii") + b"\n")
        return _received(connection).decode("utf-8", "replace")


def _only_reads(line: str) -> bool:
    return all(command.startswith(("show ", "get ")) for command in line.split(";"))


def shown(address: Address) -> str:
    """The address as people write it."""
    return address if isinstance(address, str) else f"{address[0]}:{address[1]}"


def _connected(address: Address, timeout: float) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, timeout)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _received(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    while True:
        part = connection.recv(262144)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _explained(address: Address, error: OSError) -> Exception:
    if error.errno in _ABSENT:
        return NotRunning(f"No HAProxy listens at {shown(address)} ({error.strerror}).")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unusable(
            f"HAProxy's Runtime API at {shown(address)} may not be used by this user"
            f" ({error.strerror}). Run the task as root or as HAProxy's own user (become)."
        )
    return Unusable(f"HAProxy's Runtime API at {shown(address)} failed: {error}")
