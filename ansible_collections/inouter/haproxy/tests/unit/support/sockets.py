# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A socket that plays HAProxy's Runtime API: one line in, one answer out, closed."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from typing import Optional, Union

Address = Union[str, tuple[str, int]]
Answer = Callable[[str], Optional[bytes]]
"""Gives the answer to a line; with None the client waits in vain."""

PATIENCE_SECONDS = 30


class LineServer:
    """Listens in a thread while the with block runs, and answers one line a connection.

    Whatever `answer` raises is raised by the end of the with block.
    """

    def __init__(self, address: Address, answer: Answer) -> None:
        self._answer = answer
        self._listener = _listener(address)
        self.address: Address = self._listener.getsockname()[:2]
        if isinstance(address, str):
            self.address = address
        self.lines: list[str] = []
        self._failures: list[BaseException] = []
        self._held: list[socket.socket] = []
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LineServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing = True
        with contextlib.suppress(OSError), _connected(self.address):
            pass
        self._thread.join(PATIENCE_SECONDS)
        for connection in (self._listener, *self._held):
            connection.close()
        if isinstance(self.address, str):
            os.unlink(self.address)
        if self._failures:
            raise self._failures[0]

    def _serve(self) -> None:
        while True:
            connection, _peer = self._listener.accept()
            if self._closing:
                connection.close()
                return
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            answer = self._answer(self._line(connection))
        except BaseException as error:
            self._failures.append(error)
            answer = b""
        if answer is None:
            self._held.append(connection)
            return
        with connection, contextlib.suppress(OSError):
            connection.sendall(answer)

    def _line(self, connection: socket.socket) -> str:
        with connection.makefile("rb") as stream:
            line = stream.readline().decode("ascii")
        assert line.endswith("\n"), f"HAProxy never runs a line with no end: {line!r}"
        self.lines.append(line[:-1])
        return line[:-1]


def _listener(address: Address) -> socket.socket:
    if isinstance(address, str):
        listener = socket.socket(socket.AF_UNIX)
    else:
        listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    listener.bind(address)
    listener.listen()
    return listener


def _connected(address: Address) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    return connection
