# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of modules in the shape in which tools answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.inouter.haproxy.plugins.module_utils._module.plan import plan_id

from ..writes.task import HostResult

_OUTCOME = ("persisted", "applied", "verified", "generation")
_TOLD = (*_OUTCOME, "changed", "diff", "warnings")
_OF_ANSIBLE = ("invocation", "deprecations", "failed", "msg", "exception", "ansible_facts")


def told(results: Sequence[HostResult], dry_run: bool) -> dict[str, Any]:
    """The answer of a tool that writes; the plan of several hosts is the plans of each."""
    plan = ".".join(plan_id(found.result) for found in results) if dry_run else None
    return {
        "changed": any(found.result.get("changed") for found in results),
        "dry_run": dry_run,
        "plan_id": plan,
        "hosts": [_change(found) for found in results],
    }


def _change(found: HostResult) -> dict[str, Any]:
    result = found.result
    return {
        "host": found.host,
        "changed": bool(result.get("changed")),
        **{name: result.get(name) for name in _OUTCOME},
        "diff": _diff(result.get("diff") or []),
        "details": {n: v for n, v in result.items() if n not in (*_TOLD, *_OF_ANSIBLE)},
        "warnings": [str(warning) for warning in result.get("warnings", [])],
    }


def _diff(diff: Any) -> list[dict[str, str]]:
    parts = diff if isinstance(diff, list) else [diff]
    return [
        {"title": part.get("before_header", ""), "before": part["before"], "after": part["after"]}
        for part in parts
    ]
