# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers the MCP server's questions: a JSON line in, a JSON line out, until the input ends."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, NamedTuple

from .._model.errors import HaproxyError
from .reads import answer

# A check of the configuration takes seconds where there are many pools; others go on meanwhile.
AT_ONCE = 4


class Answers(NamedTuple):
    """Where answers go, one whole line at a time."""

    sink: BinaryIO
    lock: Any

    def give(self, document: dict[str, Any]) -> None:
        """Write one line."""
        line = json.dumps(document, separators=(",", ":")).encode() + b"\n"
        with self.lock:
            self.sink.write(line)
            self.sink.flush()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer each line of `source`, several at once."""
    answers = Answers(sink, threading.Lock())
    answers.give({"ready": True, "python": sys.version.split()[0]})
    with ThreadPoolExecutor(AT_ONCE) as workers:
        for line in source:
            workers.submit(_respond, json.loads(line), answers)


def _respond(question: dict[str, Any], answers: Answers) -> None:
    try:
        given = {"answer": answer(question)}
    except (HaproxyError, OSError) as error:
        given = {"error": {"kind": type(error).__name__, "message": str(error)}}
    except Exception as error:  # pylint: disable=broad-exception-caught
        # Without this a defect would leave the caller waiting.
        message = f"The read failed in an unexpected way: {type(error).__name__}: {error}"
        given = {"error": {"kind": "Defect", "message": message}}
    answers.give({"id": question["id"], **given})
