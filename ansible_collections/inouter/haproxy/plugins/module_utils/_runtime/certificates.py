# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about certificates, and what HAProxy says of those that it holds.

The replies were measured on HAProxy 2.8, 3.0, 3.2 and 3.4.
"""

from __future__ import annotations

from .commands import Command, word


def _ends_with_success(reply: str) -> bool:
    return reply.rstrip().endswith("Success!")


def show_crt_list(path: str) -> Command:
    """Answers the list's entries, each with its line number."""
    return Command(f"show ssl crt-list -n {word(path)}", lambda reply: reply.startswith("# "))


def show_certs() -> Command:
    """Answers the names of all certificates, and of transactions that are under way."""
    return Command("show ssl cert", lambda reply: reply.startswith("# "))


def show_cert(path: str) -> Command:
    """Answers what HAProxy holds under this name."""
    return Command(f"show ssl cert {word(path)}", lambda reply: reply.startswith("Filename:"))


def new_cert(path: str) -> Command:
    """Makes an empty place for a certificate."""
    return Command(f"new ssl cert {word(path)}", lambda reply: "New empty certificate" in reply)


def set_cert(path: str, pem: bytes) -> Command:
    """Starts a transaction that gives the place this content. It ends its line."""
    text = pem.decode("ascii").strip("\n")
    if "\n\n" in text or "\r" in text:
        raise ValueError("the payload of a command ends at an empty line")
    return Command(
        f"set ssl cert {word(path)} <<\n{text}\n",
        lambda reply: reply.startswith("Transaction "),
        f"set ssl cert {path} <<",
    )


def commit_cert(path: str) -> Command:
    """Ends the transaction: the new content is served."""
    return Command(f"commit ssl cert {word(path)}", _ends_with_success)


def abort_cert(path: str) -> Command:
    """Drops the transaction."""
    return Command(f"abort ssl cert {word(path)}", lambda reply: True)


def add_to_crt_list(crt_list: str, path: str) -> Command:
    """Lets the frontends that use the list serve the certificate."""
    return Command(f"add ssl crt-list {word(crt_list)} {word(path)}", _ends_with_success)


def del_from_crt_list(crt_list: str, path: str, line: str) -> Command:
    """Takes one entry from the list."""
    text = f"del ssl crt-list {word(crt_list)} {word(path)}:{int(line)}"
    return Command(text, lambda reply: "deleted in crtlist" in reply)


def del_cert(path: str) -> Command:
    """Forgets the certificate, which no list may name any more."""
    return Command(f"del ssl cert {word(path)}", lambda reply: reply.endswith("' deleted!"))


def held(reply: str, folder: str) -> set[str]:
    """The files of this folder in a reply to `show ssl cert`."""
    paths = (line.rpartition("/") for line in reply.splitlines() if line.startswith("/"))
    return {name for found, _slash, name in paths if found == folder}


def entries(reply: str) -> dict[str, list[str]]:
    """The line numbers of each certificate in a reply to `show ssl crt-list -n`."""
    found: dict[str, list[str]] = {}
    for line in reply.splitlines():
        if line and not line.startswith("#"):
            path, _colon, number = line.split()[0].rpartition(":")
            found.setdefault(path, []).append(number)
    return found


def sha1(reply: str) -> str | None:
    """The SHA-1 in a reply to `show ssl cert`; empty for an empty place, None for none."""
    if not reply.startswith("Filename:"):
        return None
    for line in reply.splitlines():
        if line.startswith("SHA1 FingerPrint: "):
            return line.partition(": ")[2].strip().lower()
    return ""
