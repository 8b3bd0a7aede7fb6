# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The responder's lines: every question gets its answer, and a slow one holds nobody up."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._responder import serve as serving
from ansible_collections.inouter.haproxy.plugins.module_utils._responder.serve import serve


def talk(*questions: dict[str, Any]) -> list[dict[str, Any]]:
    """What the responder writes."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    sink = io.BytesIO()
    serve(io.BytesIO(lines.encode()), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def question(instance: Instance, number: int, read: str, **arguments: Any) -> dict[str, Any]:
    """One question."""
    where = {"base_dir": instance.paths.base, "runtime_api": ""}
    return {"id": number, "read": read, "arguments": arguments, **where}


def test_answers_and_errors(instance: Instance) -> None:
    ready, *answers = talk(
        question(instance, 7, "domains"),
        question(instance, 8, "servers", name="no.test"),
        question(instance, 9, "nothing"),
        question(instance, 10, "config_text"),
    )
    assert ready["ready"] is True
    found = {answer["id"]: answer for answer in answers}
    assert found[7]["answer"]["domains"] == []
    assert found[8]["error"]["kind"] == "UnknownDomain"
    assert "'no.test' is not a domain" in found[8]["error"]["message"]
    assert found[9]["error"]["kind"] == "Defect" and "KeyError" in found[9]["error"]["message"]
    assert found[10]["error"]["kind"] == "FileNotFoundError"


def test_a_slow_question_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    others_done = threading.Event()

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["id"] == 1:
            assert others_done.wait(10)
        if question["id"] == 3:
            others_done.set()
        return {}

    monkeypatch.setattr(serving, "answer", answer)
    _ready, *answers = talk({"id": 1}, {"id": 2}, {"id": 3})
    assert [a["id"] for a in answers][-1] == 1
    assert sorted(a["id"] for a in answers) == [1, 2, 3]
