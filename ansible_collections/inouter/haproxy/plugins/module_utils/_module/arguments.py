# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications that modules share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._instance.instance import DEFAULT_BASE_DIR, DEFAULT_LOCK_TIMEOUT
from .._model.errors import InvalidInput
from .._model.servers import DEFAULT_PORT, STATES

Spec = dict[str, Any]

_WHOLE_NUMBER = r"-?[0-9]+\Z"


def instance_spec() -> Spec:
    """Where the instance is."""
    return {
        "base_dir": {"type": "path", "default": DEFAULT_BASE_DIR},
        "runtime_api": {"type": "str"},
    }


def write_spec() -> Spec:
    """Where the instance is, how long to wait for its lock, and what was agreed on before."""
    return {
        **instance_spec(),
        "lock_timeout": {"type": "int", "default": DEFAULT_LOCK_TIMEOUT},
        "plan_id": {"type": "str"},
        "expected_generation": {"type": "int"},
    }


def servers_spec() -> Spec:
    """The list of servers of one pool."""
    options = {
        "slot": {"type": "int", "default": 0},
        "ip": {"type": "str"},
        "http_port": {"type": "int", "default": DEFAULT_PORT},
        "weight": {"type": "int"},
        "state": {"type": "str", "choices": list(STATES)},
    }
    return {"type": "list", "elements": "dict", "options": options}


def certificate_spec() -> Spec:
    """Where one certificate comes from."""
    return {
        "name": {"type": "str"},
        "content": {"type": "str", "no_log": True},
        "src": {"type": "path"},
        "key_content": {"type": "str", "no_log": True},
        "key_src": {"type": "path", "no_log": False},
        "domains": {"type": "list", "elements": "str", "default": []},
    }


def domains_spec() -> Spec:
    """A list of domains."""
    certificates = {"type": "list", "elements": "dict", "options": certificate_spec()}
    domain = {
        "domain": {"type": "str", "required": True},
        "ip": {"type": "str"},
        "http_port": {"type": "int", "default": 80},
        "servers": servers_spec(),
        "share_with": {"type": "str"},
        "pool": {"type": "str"},
        "certificates": certificates,
    }
    return {"type": "list", "elements": "dict", "required": True, "options": domain}


def refuse_loose_numbers(spec: Spec, given: Mapping[str, Any]) -> None:
    """Raise InvalidInput for text such as `+1` or `1e3`, which Ansible would take for a number."""
    _refuse_loose(_numbers(spec), given, "")


class _Numbers(NamedTuple):
    """Which options are whole numbers, and which are lists whose items have such options."""

    names: list[str]
    lists: dict[str, _Numbers]


def _numbers(spec: Spec) -> _Numbers:
    inner = {
        name: _numbers(option["options"]) for name, option in spec.items() if "options" in option
    }
    lists = {name: found for name, found in inner.items() if found.names or found.lists}
    return _Numbers([name for name, option in spec.items() if option.get("type") == "int"], lists)


def _refuse_loose(numbers: _Numbers, given: Mapping[str, Any], prefix: str) -> None:
    for name in numbers.names:
        value = given.get(name)
        if isinstance(value, str) and not re.match(_WHOLE_NUMBER, value.strip(" ")):
            allowed = "Only digits are allowed"
            raise InvalidInput(f"{prefix}{name}", value, "is not a whole number", allowed)
    for name, inner in numbers.lists.items():
        items = given.get(name)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                _refuse_loose(inner, item, f"{prefix}{name}[{index}].")
