# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file as it may be shown: with no secret in it. Read only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..._instance.instance import Instance

_HIDDEN = "(hidden)"
# What each stands before is hidden to the end of the line: a value may hold blanks, and one word
# too many that is hidden costs less than half a secret that is shown.
_BEFORE_SECRETS = (
    r"\bstats\s+auth\s+[^:]+:",
    r"\b(?:set-)?(?:env|setenv|presetenv)\s+\S+\s+",
    r"\btcp-check\s+send(?:-\S+)?\s+",
    r"\b(?:hdr|header)\s+\S*(?:auth|cookie|key)\S*\s+",
    r"\bauthorization\W+",
    r"(?:\(cookie\)|\bcook\([^)]*\))\W+",
    r"(?:token|secret|passw\w*|api[_-]?key|bearer)[^\s=:]*[\s=:]+",
    r"\b(?:jwt_verify|hmac|aes_\w+)\w*\(",
)
_SECRETS = tuple(re.compile(rf"({before})(\S.*)", re.IGNORECASE) for before in _BEFORE_SECRETS)


def redacted(text: str) -> str:
    """The text with each password, token and secret hidden."""
    return "\n".join(_line(line) for line in text.splitlines())


def _line(line: str) -> str:
    for secret in _SECRETS:
        line = secret.sub(rf"\g<1>{_HIDDEN}", line)
    return line


def config_text(instance: Instance) -> dict[str, Any]:
    """haproxy.cfg with its secrets hidden."""
    text = Path(instance.paths.config).read_text(encoding="utf-8", errors="replace")
    return {"path": instance.paths.config, "text": redacted(text)}
