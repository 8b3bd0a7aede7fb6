# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the core on a host over any connection plugin, and leaves nothing there.

The core travels with the command, over its standard input, into a file that is in memory alone.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import become_loader, connection_loader
from ansible.template import Templar

from .core_archive import core_archive

_PYTHON = "python3"
_PROGRAM = """\
import base64, os, sys, zlib
handle = os.memfd_create("inouter.haproxy")
with open(handle, "wb", closefd=False) as file:
    file.write(zlib.decompress(base64.b64decode({archive!r})))
sys.path.insert(0, f"/proc/self/fd/{{handle}}")
from ansible_collections.inouter.haproxy.plugins.module_utils._program.main import main
sys.exit(main({words!r}))
"""

Variables = Mapping[str, Any]


class RemoteFailed(AnsibleError):
    """The core ran on the host and failed, or could not run there."""


class RemoteCore:
    """A connection to one host, made of the variables that a play would use as well."""

    def __init__(self, variables: Variables, templar: Templar) -> None:
        """Prepare the connection; raises AnsibleError for variables that cannot be used."""
        self._variables = variables
        self._templar = templar
        templar.available_variables = variables
        name = self.variable("ansible_connection", C.DEFAULT_TRANSPORT)
        self._connection = connection_loader.get(name, PlayContext(), None)
        if self._connection is None:
            raise AnsibleError(f"ansible_connection: there is no connection plugin {name}.")
        self._set_become()
        self._set_options()
        self._python = self._interpreter()

    def variable(self, name: str, default: Any) -> Any:
        """One of the host's variables, with its templates filled in."""
        return self._templar.template(self._variables.get(name, default))

    def run(self, *words: str) -> str:
        """What the command of these words prints.

        Raises RemoteFailed with the host's own words, AnsibleConnectionFailure where the host is
        not reached.
        """
        command = f"{self._python} -"
        if self._connection.become:
            command = self._connection.become.build_become_command(command, self._connection._shell)
        try:
            code, out, err = self._connection.exec_command(command, in_data=_program(words))
        finally:
            self._connection.close()
        if code != 0:
            # What comes before the last line is of ssh, or a traceback's.
            lines = [line for line in _text(err).splitlines() if line.strip()]
            raise RemoteFailed(lines[-1] if lines else f"{self._python} ended with code {code}.")
        return _text(out)

    def _set_become(self) -> None:
        if not boolean(self.variable("ansible_become", C.DEFAULT_BECOME)):
            return
        name = self.variable("ansible_become_method", C.DEFAULT_BECOME_METHOD)
        become = become_loader.get(name)
        if become is None:
            raise AnsibleError(f"ansible_become_method: there is no become plugin {name}.")
        self._connection.set_become_plugin(become)

    def _set_options(self) -> None:
        options = self._connection._resolve_option_variables(self._variables, self._templar)
        self._connection.set_options(var_options=options)
        plugins = {"shell": self._connection._shell, "become": self._connection.become}
        for kind, plugin in plugins.items():
            if plugin is not None:
                names = C.config.get_plugin_vars(kind, plugin._load_name)
                given = {name: self.variable(name, None) for name in names}
                plugin.set_options(
                    var_options={name: value for name, value in given.items() if value is not None}
                )

    def _interpreter(self) -> str:
        python = str(self.variable("ansible_python_interpreter", _PYTHON))
        # Discovery needs a task, and every managed host has this name.
        return _PYTHON if python.startswith("auto") else python


def _program(words: Sequence[str]) -> bytes:
    archive = base64.b64encode(zlib.compress(core_archive()))
    return _PROGRAM.format(archive=archive, words=["inouter-haproxy", *words]).encode()


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")
