# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools and resources with each kind of content."""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
import zlib
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    AudioContent,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)

TEXT = "text/plain"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture() -> bytes:
    """One red pixel as PNG."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixel = _chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + header + pixel + _chunk(b"IEND", b"")


def _sound() -> bytes:
    """One silent frame as WAV."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, 8000, 1, "NONE", ""))
        file.writeframes(b"\x00\x00")
    return made.getvalue()


def image() -> ImageContent:
    """The picture as a block of content."""
    data = base64.b64encode(picture()).decode()
    return ImageContent(type="image", data=data, mime_type="image/png")


def embedded(uri: str, text: str, mime_type: str = TEXT) -> EmbeddedResource:
    """A resource as a block of content."""
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)


def add(mcp: MCPServer[Any]) -> None:
    """Offer them."""
    _add_tools(mcp)
    _add_resources(mcp)


def _add_tools(mcp: MCPServer[Any]) -> None:
    @mcp.tool()
    def test_simple_text() -> str:
        """Answer with text."""
        return "This is a simple text response for testing."

    @mcp.tool()
    def test_image_content() -> list[ContentBlock]:
        """Answer with a picture."""
        return [image()]

    @mcp.tool()
    def test_audio_content() -> list[ContentBlock]:
        """Answer with a sound."""
        data = base64.b64encode(_sound()).decode()
        return [AudioContent(type="audio", data=data, mime_type="audio/wav")]

    @mcp.tool()
    def test_embedded_resource() -> list[ContentBlock]:
        """Answer with a resource."""
        return [embedded("test://embedded-resource", "This is an embedded resource content.")]

    @mcp.tool()
    def test_multiple_content_types() -> list[ContentBlock]:
        """Answer with text, a picture and a resource."""
        document = json.dumps({"test": "data", "value": 123})
        mixed = embedded("test://mixed-content-resource", document, "application/json")
        return [TextContent(type="text", text="Multiple content types test:"), image(), mixed]

    @mcp.tool()
    def test_error_handling() -> str:
        """Fail."""
        raise ToolError("This tool intentionally returns an error for testing")


def _add_resources(mcp: MCPServer[Any]) -> None:
    @mcp.resource("test://static-text", mime_type=TEXT)
    def static_text() -> str:
        return "This is the content of the static text resource."

    @mcp.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return picture()

    @mcp.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:  # noqa: A002
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @mcp.resource("test://watched-resource", mime_type=TEXT)
    def watched() -> str:
        return "Watched resource content"
