# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenSSH server of the tests' own, for the user who runs them."""

from __future__ import annotations

import os
import pwd
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from . import children, tools
from .ports import free_ports, loopback

GET = "apt-get install openssh-server openssh-client"
# Strict modes would refuse keys below a temporary folder. HOME is an empty folder, so that no
# login pays for the user's own shell start files.
CONFIG = """\
ListenAddress {address}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
SetEnv HOME={folder}/home
PidFile none
UsePAM no
StrictModes no
UseDNS no
PrintMotd no
PrintLastLog no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
"""


class Sshd:
    """A server on loopback with its own host key, client key and list of known hosts."""

    def __init__(self, folder: Path) -> None:
        self._program = tools.need("sshd", GET)
        self._keygen = tools.need("ssh-keygen", GET)
        self.folder = folder.absolute()
        self.home = self.folder / "home"
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.address = (loopback(), free_ports(1)[0])
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the keys, start the server and wait until it greets."""
        self.home.mkdir(parents=True)
        self._make_keys()
        config = self.folder / "sshd_config"
        ip, port = self.address
        config.write_text(CONFIG.format(address=ip, port=port, folder=self.folder))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (self.folder / "sshd.log").open("wb") as log:
            self._child = children.spawn([self._program, "-D", "-e", "-f", config], log)
        children.wait_until(self._greets, 10, "sshd greets")

    def _make_keys(self) -> None:
        for name in ("host_key", "client_key"):
            key = ["-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run([self._keygen, *key], check=True, timeout=30)
        public = (self.folder / "client_key.pub").read_text()
        (self.folder / "authorized_keys").write_text(public)
        ip, port = self.address
        host_key = (self.folder / "host_key.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[{ip}]:{port} {host_key}")

    def _greets(self) -> bool:
        if self._child is None or self._child.poll() is not None:
            raise RuntimeError(f"sshd ended:\n{self.log}")
        try:
            with socket.create_connection(self.address, timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    @property
    def log(self) -> str:
        """All that the server wrote."""
        return (self.folder / "sshd.log").read_text(errors="replace")

    def ssh_arguments(self) -> list[str]:
        """Return the options by which a client believes this server and nobody else."""
        options = {
            "UserKnownHostsFile": self.folder / "known_hosts",
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
        }
        # The user's own client settings must not decide what a test does.
        words = ["-F", "none"]
        for name, value in options.items():
            words += ["-o", f"{name}={value}"]
        return words

    def inventory_vars(self) -> dict[str, object]:
        """Return the variables with which Ansible connects."""
        return {
            "ansible_host": self.address[0],
            "ansible_port": self.address[1],
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.folder / "client_key"),
            "ansible_ssh_common_args": shlex.join(self.ssh_arguments()),
            "ansible_python_interpreter": sys.executable,
        }

    def logins(self) -> list[psutil.Process]:
        """Every process of every login, and of its commands."""
        assert self._child is not None
        return psutil.Process(self._child.pid).children(recursive=True)

    def sessions(self) -> list[psutil.Process]:
        """The server's own processes among them, one or two for each connection."""
        return [process for process in self.logins() if process.name().startswith("sshd")]

    def stop(self) -> None:
        """End the server with every login."""
        if self._child is not None:
            children.kill(self._child)


def says(text: str, reason: str) -> bool:
    """Whether Ansible gives ssh's reason, or what it says where ssh ended too early for that."""
    return reason in text or "Data could not be sent to remote host" in text
