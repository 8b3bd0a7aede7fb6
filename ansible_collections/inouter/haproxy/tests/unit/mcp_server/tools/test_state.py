# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools of the state ask for."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from mcp.server.mcpserver.exceptions import ToolError

from ansible_collections.inouter.haproxy.mcp_server.tools import state
from ansible_collections.inouter.haproxy.mcp_server.tools.cursors import number_of
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    MOST_KEPT,
)


def test_a_cursor_is_where_the_next_page_begins() -> None:
    assert state.haproxy_drift().arguments == {"offset": 0, "limit": 100}
    assert state.haproxy_export("100", 5).arguments == {"offset": 100, "limit": 5}
    assert state.haproxy_history().arguments == {"section": "changes", "limit": 20}
    wanted = {"section": "calls", "limit": 20, "before": 7}
    assert state.haproxy_history("calls", "7").arguments == wanted


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "\u0663", "9" * 19])
def test_other_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(ToolError, match=r"^cursor: use the next_cursor"):
        number_of(cursor)


def test_orders() -> None:
    rolled = {"state": "rolled_back", "generation": 4}
    assert state.haproxy_rollback(4).given() == rolled
    assert state.haproxy_backup().given() == {"state": "backed_up", "keep": MOST_KEPT}
    for order in (state.haproxy_rollback(4), state.haproxy_backup()):
        assert order.full_name == "inouter.haproxy.haproxy_state"
