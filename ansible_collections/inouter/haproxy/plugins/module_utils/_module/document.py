# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document that is exported and imported: where it comes from, and what it may hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._files import atomic
from .._model.certificate import KEY_TYPES
from .._model.errors import HaproxyError, InvalidInput
from .arguments import Spec, domains_spec

ALLOWED = "Give a document that haproxy_state state=exported wrote"


def document_spec() -> Spec:
    """What a document may hold."""
    certificate = {
        "name": {"type": "str", "required": True},
        "key_type": {"type": "str", "required": True, "choices": list(KEY_TYPES)},
        "fingerprint": {"type": "str"},
        "content": {"type": "str", "no_log": True},
        "domains": {"type": "list", "elements": "str"},
        "not_after": {"type": "str"},
    }
    return {
        "settings": {"type": "dict"},
        "domains": domains_spec(),
        "certificates": {"type": "list", "elements": "dict", "options": certificate},
    }


def document_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The document in the option `document`, or in the file `src`; raises HaproxyError."""
    given, src = options["document"], options["src"]
    if (given is None) == (src is None):
        raise HaproxyError("state=imported needs either document or src, the path of a file.")
    found = read_document(src) if given is None else given
    checked = ArgumentSpecValidator(document_spec()).validate(found)
    if checked.error_messages:
        option = "document" if src is None else f"src: {src}"
        raise HaproxyError(f"{option} cannot be imported: {' '.join(checked.error_messages)}.")
    return dict(checked.validated_parameters)


def read_document(path: str) -> dict[str, Any]:
    """The document in a file on this host: JSON, or YAML where this host can read it."""
    content = atomic.read(path)
    if content is None:
        raise InvalidInput("src", path, "is not there", ALLOWED)
    text = content.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError as error:
        found = _yaml(path, text, error)
    if not isinstance(found, dict):
        raise InvalidInput("src", path, "holds no document", ALLOWED)
    return found


def _yaml(path: str, text: str, error: ValueError) -> Any:
    try:
        import yaml  # here, for few hosts have it and few documents need it
    except ImportError:
        allowed = f"{ALLOWED}. To give YAML use the option document and the filter from_yaml"
        raise InvalidInput("src", path, f"is not JSON ({error})", allowed) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as second:
        raise InvalidInput("src", path, f"is neither JSON nor YAML ({second})", ALLOWED) from None
