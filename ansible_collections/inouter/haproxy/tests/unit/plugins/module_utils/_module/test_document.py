# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document that is imported: its shape, and where it comes from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.document import (
    document_of,
    read_document,
)

DOMAIN = {"domain": "a.test", "servers": [{"ip": "10.0.0.1"}]}


def given(document: Any = None, src: str | None = None) -> dict[str, Any]:
    """The document of these options."""
    return document_of({"document": document, "src": src})


def test_defaults_are_filled_in() -> None:
    found = given({"domains": [DOMAIN]})
    assert found["domains"][0]["servers"][0]["http_port"] == 80
    assert found["certificates"] is None


def test_a_file_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"domains": [DOMAIN]}))
    assert given(src=str(path)) == given({"domains": [DOMAIN]})
    path.write_text("domains:\n  - domain: a.test\n    servers: [{ip: 10.0.0.1}]\n")
    assert given(src=str(path)) == given({"domains": [DOMAIN]})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "domains"),
        ({"domains": [{}]}, "missing required arguments: domain"),
        ({"domains": [], "other": 1}, "other"),
        ({"domains": [{"domain": "a.test", "weight": 1}]}, "weight"),
        ({"domains": [], "certificates": [{"name": "a"}]}, "key_type"),
        ({"domains": "a.test: 1"}, "domains"),
    ],
)
def test_other_shapes_are_refused(document: dict[str, Any], words: str) -> None:
    with pytest.raises(HaproxyError, match=f"^document cannot be imported: .*{words}"):
        given(document)


def test_either_or() -> None:
    with pytest.raises(HaproxyError, match="needs either document or src"):
        given()
    with pytest.raises(HaproxyError, match="needs either document or src"):
        given({"domains": []}, "/x")


@pytest.mark.parametrize(
    ("content", "words"), [("[1]", "holds no document"), ("{a: [", "is neither JSON nor YAML")]
)
def test_files_that_are_none(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "x"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=words):
        read_document(str(path))
    with pytest.raises(InvalidInput, match="is not there"):
        read_document(str(tmp_path / "none"))


def test_a_host_that_cannot_read_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "x.yml"
    path.write_text("domains: []\n")
    with pytest.raises(InvalidInput, match="is not JSON .* from_yaml"):
        read_document(str(path))
