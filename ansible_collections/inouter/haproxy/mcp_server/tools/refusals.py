# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing down calls that were refused before they became a wish: no scope, bad arguments."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ..problems import ConfigurationProblem
from ..security import audit
from ..security.audit import Ending
from ..site import Site
from .arguments import SECRET

log = logging.getLogger("inouter.haproxy.audit")


async def refused(
    site: Site, caller: str, tool: str, arguments: Mapping[str, Any], why: str
) -> None:
    """Add a row on each host of the target that the call names, where there is one."""
    target = arguments.get("target", "")
    try:
        hosts = await site.inventory.hosts(target if isinstance(target, str) else "")
    except ConfigurationProblem as error:
        log.warning("%s was refused %s, on no known target: %s %s", caller, tool, why, error)
        return
    shown = audit.shown(arguments, SECRET)
    rows = await audit.begin(site.reads, hosts, caller, tool, shown)
    await audit.finish(site.reads, rows, {host.name: Ending("refused", why) for host in hosts})
