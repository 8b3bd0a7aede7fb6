# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the next page begins."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.offsets import (
    cursor_behind,
)


@pytest.mark.parametrize(
    ("offset", "limit", "total", "cursor"),
    [(0, 2, 3, "2"), (2, 2, 5, "4"), (0, 3, 3, None), (9, 1, 3, None), (0, 1, 0, None)],
    ids=["more", "later", "all", "behind", "nothing"],
)
def test_cursor(offset: int, limit: int, total: int, cursor: str | None) -> None:
    assert cursor_behind(offset, limit, total) == cursor
