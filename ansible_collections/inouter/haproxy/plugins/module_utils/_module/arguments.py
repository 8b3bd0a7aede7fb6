# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications that modules share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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


def refuse_loose_numbers(spec: Spec, given: Mapping[str, Any], prefix: str = "") -> None:
    """Raise InvalidInput for text such as `+1` or `1e3`, which Ansible would take for a number."""
    for name, option in spec.items():
        value, label = given.get(name), f"{prefix}{name}"
        if option.get("type") == "int" and isinstance(value, str):
            if not re.match(_WHOLE_NUMBER, value.strip(" ")):
                allowed = "Only digits are allowed"
                raise InvalidInput(label, value, "is not a whole number", allowed)
        elif "options" in option and isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    refuse_loose_numbers(option["options"], item, f"{label}[{index}].")
