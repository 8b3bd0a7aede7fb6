# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain names: validation, and the one form in which they are stored."""

from __future__ import annotations

import re

from .errors import InvalidInput

ALLOWED = (
    "A domain is a host name such as example.com, a wildcard for one label such as"
    " *.example.com, or an international name such as bücher.example"
)
LONGEST = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# What nearly all names of a long list are: one match costs a third of looking at each label.
_PLAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}\Z")
# IDNA 2003, which Python's standard library has, maps these to another name than browsers do.
_AMBIGUOUS = {"\u00df": "ß", "\u1e9e": "ẞ", "\u03c2": "ς", "\u200c": "ZWNJ", "\u200d": "ZWJ"}


def domain_name(value: str, option: str = "domain") -> str:
    """Return the name as it is stored: lower-case IDNA A-labels with no trailing dot.

    Raises InvalidInput, naming `option`, for anything that is not a domain.
    """
    if len(value) <= LONGEST and _PLAIN.match(value):
        return value
    name = _ascii(_without_dot(value), value, option)
    labels = name.split(".")
    if labels[0] == "*" and len(labels) > 1:
        labels = labels[1:]
    for label in labels:
        _check_label(label, value, option)
    if len(name) > LONGEST:
        allowed = f"At most {LONGEST} are allowed"
        raise InvalidInput(option, value, f"has {len(name)} characters", allowed)
    if labels[-1].isdigit():
        raise InvalidInput(option, value, "ends in a number, like an IP address", ALLOWED)
    return name


def is_wildcard(name: str) -> bool:
    """Whether a stored name is a wildcard."""
    return name.startswith("*.")


def _without_dot(value: str) -> str:
    return value[:-1] if value.endswith(".") else value


def _ascii(name: str, value: str, option: str) -> str:
    if name.isascii():
        return name.lower()
    for character, shown in _AMBIGUOUS.items():
        if character in name:
            problem = f"contains {shown}, which old and new rules for names encode differently"
            raise InvalidInput(option, value, problem, "Write the name in its xn-- form")
    prefix, rest = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    try:
        return prefix + rest.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        problem = f"is not an international domain name ({error})"
        raise InvalidInput(option, value, problem, "Write the name in its xn-- form") from error


def _check_label(label: str, value: str, option: str) -> None:
    if len(label) > 63:
        problem = f"has a label of {len(label)} characters"
        raise InvalidInput(option, value, problem, "A label has at most 63")
    if not re.match(rf"{_LABEL}\Z", label):
        shown = f"the label {label!r}" if label else "an empty label"
        problem = f"is not a domain: {shown} may only hold letters, digits and inner hyphens"
        raise InvalidInput(option, value, problem, ALLOWED)
