# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the MCP registry demands of a server.json, in revision 2025-12-11, of the parts used here.

Source: the registry's server.schema.json of that date, and its rules for publishing. Properties
that it does not know are refused here, which finds misspelt ones.
"""

from __future__ import annotations

from typing import Any

REVISION = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"

Schema = dict[str, Any]


def _object(required: tuple[str, ...], **properties: Schema) -> Schema:
    names = {name.strip("_"): schema for name, schema in properties.items()}
    return {
        "type": "object",
        "properties": names,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _one_of(*values: str) -> Schema:
    return {"enum": list(values)}


_TEXT: Schema = {"type": "string"}
_SWITCH: Schema = {"type": "boolean"}
_URL: Schema = {"type": "string", "pattern": "^https://[^\\s{}]+$"}
_SHORT: Schema = {"type": "string", "minLength": 1, "maxLength": 100}
_EXACT: Schema = {"type": "string", "maxLength": 255, "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"}
_INPUT: dict[str, Schema] = {
    **dict.fromkeys(("description", "default", "placeholder", "value"), _TEXT),
    **dict.fromkeys(("isRequired", "isSecret"), _SWITCH),
    "format": _one_of("string", "number", "boolean", "filepath"),
    "choices": _list(_TEXT),
}
_VARIABLES: Schema = {"type": "object", "additionalProperties": _object((), **_INPUT)}
_HEADER = _object(("name",), name=_TEXT, variables=_VARIABLES, **_INPUT)
_REMOTE = _object(
    ("type", "url"),
    type=_one_of("streamable-http", "sse"),
    url=_TEXT,
    headers=_list(_HEADER),
    variables=_VARIABLES,
)
# The hash is what the registry wants of bundles, and only those of two forges are allowed.
_BUNDLE = _object(
    ("registryType", "identifier", "transport", "fileSha256"),
    registryType=_one_of("mcpb"),
    identifier={
        "type": "string",
        "pattern": "^https://git(hub|lab)\\.com/.+/releases/.+mcp.*$",
    },
    version=_EXACT,
    fileSha256={"type": "string", "pattern": "^[a-f0-9]{64}$"},
    transport=_object(("type",), type=_one_of("stdio")),
)
SERVER = _object(
    ("$schema", "name", "description", "version"),
    name={
        "type": "string",
        "minLength": 3,
        "maxLength": 200,
        "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
    },
    title=_SHORT,
    description=_SHORT,
    version=_EXACT,
    websiteUrl=_URL,
    repository=_object(("url", "source"), url=_URL, source=_TEXT, subfolder=_TEXT),
    remotes=_list(_REMOTE),
    packages=_list(_BUNDLE),
    **{"$schema": _one_of(REVISION)},
)
