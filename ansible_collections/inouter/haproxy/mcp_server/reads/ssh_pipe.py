# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A responder at the other end of an SSH connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import paramiko

from ..problems import Unreachable
from . import ssh
from .package import PROMPT, STARTED, shell_command
from .pipe import CHUNK, LAST_WORDS
from .variables import Reach


class SshPipe:
    """Paramiko works with threads: one reads, one writes, and the event loop waits for neither."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._connection: ssh.Connection | None = None
        self._channel: paramiko.Channel | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ssh-write")

    async def open(self, received: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Connect and start it."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._start)
        except (paramiko.SSHException, OSError) as error:
            raise Unreachable(f"The responder cannot be started on the host: {error}") from error

        def on_loop(call: Callable[..., None], *values: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(call, *values)

        arguments = (
            lambda data: on_loop(received, data),
            lambda words: on_loop(ended, words),
        )
        threading.Thread(target=self._read, args=arguments, daemon=True, name="ssh-read").start()

    def _start(self) -> None:
        self._connection = ssh.connect(self._reach)
        self._channel = self._connection.transport.open_session(timeout=ssh.SECONDS)
        become = self._reach.become
        self._channel.exec_command(shell_command(self._reach.python, become))
        if become and become.password:
            self._give_password(self._channel, become.password)

    def _give_password(self, channel: paramiko.Channel, password: str) -> None:
        """Answer sudo where it asks. What it does not take would reach the responder."""
        channel.settimeout(ssh.SECONDS)
        if self._heard(channel) == PROMPT:
            channel.sendall(password.encode() + b"\n")
            if self._heard(channel) == PROMPT:
                raise Unreachable(
                    "sudo does not accept the password. Correct ansible_become_password."
                )
        channel.settimeout(None)

    def _heard(self, channel: paramiko.Channel) -> str:
        """What comes first: sudo's question, or that the responder has started."""
        said = ""
        try:
            while part := channel.recv_stderr(1024):
                said += part.decode("utf-8", "replace")
                for mark in (PROMPT, STARTED):
                    if mark in said:
                        return mark
        except TimeoutError:
            raise Unreachable(
                f"sudo neither asked for the password nor started the responder within"
                f" {ssh.SECONDS:g} s: {said.strip() or 'it said nothing.'}"
            ) from None
        raise Unreachable(f"sudo ended before the responder started: {said.strip()}")

    def _read(self, received: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        assert self._channel is not None
        words = ""
        try:
            while data := self._channel.recv(CHUNK):
                received(data)
            words = self._channel.recv_stderr(LAST_WORDS).decode("utf-8", "replace")
        except OSError as error:
            words = str(error)
        ended(words.strip())

    async def write(self, data: bytes) -> None:
        """Send bytes to it."""
        assert self._channel is not None
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._channel.sendall, data)
        except (OSError, RuntimeError) as error:
            raise Unreachable(f"The SSH connection broke: {error}") from error

    async def close(self) -> None:
        """Close the connection, which ends the responder too."""
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
        self._writer.shutdown(wait=False)
