# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call on several hosts: what fails on one takes nothing from the others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from mcp.server.mcpserver.exceptions import ToolError

from ansible_collections.inouter.haproxy.mcp_server.configuration.inventory import Host, Target
from ansible_collections.inouter.haproxy.mcp_server.security.audit import Ending
from ansible_collections.inouter.haproxy.mcp_server.tools import writing
from ansible_collections.inouter.haproxy.mcp_server.tools.build import entries
from ansible_collections.inouter.haproxy.mcp_server.writes.task import (
    HostResult,
    Task,
    TaskFailed,
)

HOSTS = [Host(name, {"haproxy_base_dir": f"/srv/{name}"}) for name in ("lb1", "lb2", "lb3")]
ADD = next(entry for entry in entries() if entry.name == "haproxy_add_domain")


class Lane:
    """Carries out what is not for lb2, and counts how many tasks it has at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def write(self, task: Task, _progress: Any) -> list[HostResult]:
        """One host's result, after a moment."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        if task.hosts == ("lb2",):
            raise TaskFailed("No worker is left.")
        return [HostResult(name, "changed", {"changed": True}) for name in task.hosts]


def test_one_host_that_fails() -> None:
    """The others are done and counted, and no more run at once than there are workers."""
    lane = Lane()
    site = SimpleNamespace(
        write=lane.write, options=SimpleNamespace(workers=2), defaults=lambda _module: {}
    )
    call: Any = SimpleNamespace(site=site, progress=None, context=SimpleNamespace())
    wish = writing.Wish(ADD, ADD.function("a.test", "127.0.0.1"), {})
    endings: dict[str, Ending] = {}
    target = Target("lbs", HOSTS)

    async def told() -> None:
        results = await writing._run(call, wish, target)
        assert [(r.host, r.status) for r in results] == [
            ("lb1", "changed"),
            ("lb2", "failed"),
            ("lb3", "changed"),
        ]
        await writing._results(call, wish, target, endings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing.logs, "tell", _nothing)
        with pytest.raises(ToolError, match=r"No worker is left.\nDone on: lb1, lb3\."):
            asyncio.run(told())
    assert {name: ending.outcome for name, ending in endings.items()} == {
        "lb1": "done",
        "lb2": "failed",
        "lb3": "done",
    }
    assert lane.most == 2


async def _nothing(*_given: Any) -> None:
    pass
