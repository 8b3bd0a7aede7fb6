# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file as it may be shown: with no secret in it. Read only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..._instance.instance import Instance

_HIDDEN = "(hidden)"
_SECRETS = (
    # userlist: `user NAME password HASH` and `insecure-password TEXT`
    re.compile(r"(\b(?:insecure-)?password\s+)(\S+)", re.IGNORECASE),
    re.compile(r"(\bstats\s+auth\s+[^:\s]+:)(\S+)", re.IGNORECASE),
    re.compile(r"(\b(?:set-)?(?:env|setenv|presetenv)\s+\S+\s+)(.+)", re.IGNORECASE),
    re.compile(r"(\bauthorization\s+)(.+)", re.IGNORECASE),
    re.compile(r"((?:token|secret|passw\w*|api[_-]?key|bearer)\S*[\s=:]+)(\S.*)", re.IGNORECASE),
)


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
