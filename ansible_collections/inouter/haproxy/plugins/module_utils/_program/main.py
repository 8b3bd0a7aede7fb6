# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that hosts run by themselves: `python3 lib/inouter-haproxy.pyz COMMAND`.

It exits with 0 where the command was carried out, with 1 and a sentence on stderr where it failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .._instance.instance import Instance
from .._model.errors import HaproxyError
from .commands import COMMANDS


def main(words: Sequence[str]) -> int:
    """Run the command that these words name; the first is the program's own path."""
    options = _parser(words[0]).parse_args(words[1:])
    instance = Instance(options.base_dir, options.runtime_api)
    try:
        told = COMMANDS[options.command].run(instance, options)
    except (HaproxyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=os.path.basename(program), description=__doc__)
    home = os.path.dirname(os.path.dirname(os.path.abspath(program)))
    parser.add_argument("--base-dir", default=home, help="the folder of HAProxy [%(default)s]")
    parser.add_argument("--runtime-api", default="", help="its Runtime API [run/admin.sock]")
    parts = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        part = parts.add_parser(name, help=command.help, description=command.help)
        for option, text in command.needed.items():
            part.add_argument(f"--{option}", required=True, help=text)
        for option, text in command.taken.items():
            part.add_argument(f"--{option}", help=text)
    return parser
