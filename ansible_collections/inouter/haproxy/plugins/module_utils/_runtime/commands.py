# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that are sent, each with what its success looks like.

The replies were measured on HAProxy 2.8, 3.0, 3.2 and 3.4. Every word of a command passes
`word`, so that no value can end the command and start another one.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import NamedTuple

from .._model.errors import InvalidInput
from .._model.servers import Server, pool_name, slot_name

_HARMLESS = frozenset(f"{string.ascii_letters}{string.digits}_.:/*@+=,~-")
_ADDRESS_WORDS = (
    "IP changed from '",
    "no need to change the addr",
    "port changed from '",
    "no need to change the port",
)


def _silent(reply: str) -> bool:
    return not reply


def _anything(reply: str) -> bool:
    return True


def _begins(words: str) -> Callable[[str], bool]:
    return lambda reply: reply.startswith(words)


def _address_set(reply: str) -> bool:
    told = reply.partition(" by 'stats socket command'")[0]
    return told == "nothing changed" or all(
        part.startswith(_ADDRESS_WORDS) for part in told.split(", ")
    )


class Command(NamedTuple):
    """One command, and how its reply shows that it was done.

    :param text: what is sent; a payload makes it the last one of its line
    :param secret_name: what errors call it, where the text holds a secret
    """

    text: str
    success: Callable[[str], bool] = _silent
    secret_name: str = ""

    @property
    def shown(self) -> str:
        """The command as errors show it."""
        return self.secret_name or self.text

    @property
    def ends_line(self) -> bool:
        """Whether it has a payload, behind which nothing else may stand."""
        return "\n" in self.text

    def succeeded(self, reply: str) -> bool:
        """Whether this reply says that it was done."""
        return self.success(reply.rstrip("\n"))


def is_word(text: str) -> bool:
    """Whether it is one harmless word."""
    return bool(text) and _HARMLESS.issuperset(text)


def word(text: str) -> str:
    """`text` where it is one harmless word of a command; raises InvalidInput."""
    if not is_word(text):
        allowed = "Letters, digits and _ . : / * @ + = , ~ - are allowed"
        raise InvalidInput("Runtime API word", text, "cannot be sent to HAProxy", allowed)
    return text


def expression(text: str) -> str:
    """The same where it may also call something, as `req.hdr(host)` does."""
    word(text.replace("(", "").replace(")", ""))
    return text


def show_version() -> Command:
    """Answers `3.2.26-1`."""
    return Command("show version", _anything)


def show_info() -> Command:
    """Answers `Name: value` lines about the process."""
    return Command("show info", _begins("Name: "))


def show_stat(pool: str = "") -> Command:
    """Answers CSV: of everything, or of one proxy's frontend, backend and servers."""
    return Command(f"show stat {word(pool)} 7 -1" if pool else "show stat", _begins("# "))


def show_stat_type(kind: int) -> Command:
    """Answers CSV of all frontends (1), backends (2) or servers (4)."""
    return Command(f"show stat -1 {int(kind)} -1", _begins("# "))


def show_servers_state(pool: int) -> Command:
    """Answers the state of the servers of one pool; 0 stands for all proxies."""
    return Command(
        f"show servers state {pool_name(pool)}" if pool else "show servers state", _anything
    )


def show_map(path: str) -> Command:
    """Answers one line for each entry, in the order in which they are found."""
    return Command(f"show map {word(path)}", _anything)


def show_maps() -> Command:
    """Answers one line for each map, with its name in parentheses."""
    return Command("show map", _begins("# id"))


def get_map(path: str, domain: str) -> Command:
    """Answers the one entry that a lookup finds."""
    return Command(f"get map {word(path)} {word(domain)}", _begins("type="))


def add_map(path: str, domain: str, pool: str) -> Command:
    """Adds an entry, even where one with this key exists: that one goes on to win."""
    return Command(f"add map {word(path)} {word(domain)} {word(pool)}")


def set_map(path: str, domain: str, pool: str) -> Command:
    """Changes an entry that exists."""
    return Command(f"set map {word(path)} {word(domain)} {word(pool)}")


def del_map(path: str, domain: str) -> Command:
    """Removes an entry; with duplicates only one of them from HAProxy 3.3 on."""
    return Command(f"del map {word(path)} {word(domain)}")


def del_map_entry(path: str, reference: str) -> Command:
    """Removes the one entry with this reference of `show map`, whatever its key is."""
    return Command(f"del map {word(path)} #{word(reference)}")


def set_address(pool: int, slot: int, server: Server) -> Command:
    """Points the slot to the server's address and port."""
    address = f"addr {word(server.ip)} port {int(server.http_port)}"
    return Command(f"{_set_server(pool, slot)} {address}", _address_set)


def set_weight(pool: int, slot: int, weight: int) -> Command:
    """Gives the slot an absolute weight, 0 to 256."""
    return Command(f"{_set_server(pool, slot)} weight {int(weight)}")


def set_state(pool: int, slot: int, state: str) -> Command:
    """Sets the administrative state: ready, drain or maint."""
    return Command(f"{_set_server(pool, slot)} state {word(state)}")


def set_health_down(pool: int, slot: int) -> Command:
    """Lets the slot wait for its next good check before it gets requests."""
    return Command(f"{_set_server(pool, slot)} health down")


def _set_server(pool: int, slot: int) -> str:
    return f"set server {pool_name(pool)}/{slot_name(pool, slot)}"
