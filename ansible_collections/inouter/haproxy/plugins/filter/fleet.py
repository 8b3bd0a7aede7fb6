# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role fleet decides and tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.inouter.haproxy.plugins.plugin_utils import (
    fleet,
    fleet_back,
    fleet_converge,
    fleet_report,
)

Hosts = Mapping[str, Mapping[str, Any]]


def _report(hosts: Hosts, all_or_nothing: bool = True, source: str = "") -> dict[str, Any]:
    if source:
        entries = fleet_converge.report(hosts, source)
    else:
        entries = fleet_report.report(hosts, all_or_nothing)
    ok = all(entry["ok"] for entry in entries)
    return {"ok": ok, "hosts": entries, "lines": fleet_report.told(entries)}


def _source(hosts: Hosts, wanted: str = "") -> dict[str, str]:
    name, reason = fleet_converge.source(hosts, wanted)
    return {"host": name, "message": reason}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Each filter by its name."""
        return {
            "fleet_going_back": fleet_back.going_back,
            "fleet_needs_pool": fleet.needs_pool,
            "fleet_options": fleet.options,
            "fleet_problems": fleet.problems,
            "fleet_report": _report,
            "fleet_source": _source,
        }
