# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg says that servers made at run time have to be told once more."""

from __future__ import annotations


def server_options(config: str, name: str) -> list[str]:
    """The words of `default-server` that the `defaults` section of this name stands for.

    Those of the section that it is made `from` come first, so that later ones win.
    """
    sections = _defaults_sections(config)
    found: list[str] = []
    seen = set()
    while name in sections and name not in seen:
        seen.add(name)
        parent, options = sections[name]
        found, name = [*options, *found], parent
    return found


def _defaults_sections(config: str) -> dict[str, tuple[str, list[str]]]:
    """By name: the section that it builds on, or nothing, and its options for servers."""
    sections: dict[str, tuple[str, list[str]]] = {}
    options: list[str] = []
    for line in config.splitlines():
        words = line.partition("#")[0].split()
        if words and not line[0].isspace():
            options = []
            if words[0] == "defaults" and len(words) > 1:
                sections[words[1]] = (words[3] if words[2:3] == ["from"] else "", options)
        elif words[:1] == ["default-server"]:
            options += words[1:]
    return sections
