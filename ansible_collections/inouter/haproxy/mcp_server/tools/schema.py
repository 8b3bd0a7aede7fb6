# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of a tool's arguments, as short as it can be for agents who pay for each word."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver.tools import Tool


def close(tool: Tool) -> None:
    """Refuse unknown arguments, which the SDK would drop in silence, and publish a short schema."""
    model = tool.fn_metadata.arg_model
    model.model_config["extra"] = "forbid"
    model.model_rebuild(force=True)
    tool.parameters = shortened(model.model_json_schema(by_alias=True))
    if tool.fn_metadata.output_schema is not None:
        tool.fn_metadata.output_schema = shortened(tool.fn_metadata.output_schema)


def shortened(schema: Any) -> Any:
    """The schema without made-up titles, and with each description where clients look for it."""
    if isinstance(schema, list):
        return [shortened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: {key: shortened(one) for key, one in value.items()}
        if name in ("properties", "$defs")
        else shortened(value)
        for name, value in schema.items()
        if name != "title" or not isinstance(value, str)
    }
    for choice in kept.get("anyOf", []):
        if "description" in choice:
            own = choice.pop("description")
            kept.setdefault("description", own)
    return kept
