# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module haproxy_state_info gathers."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.report import (
    CHOICES,
    gathered,
)


def test_each_part_by_its_name(instance: Instance) -> None:
    found = gathered(instance, list(CHOICES), {"limit": 5, "backups": None})
    assert list(found) == list(CHOICES)
    assert found["drift"]["converged"] and found["history"][0]["generation"] == 1
    assert (found["export"]["domains"], found["backups"]) == ([], [])


@pytest.mark.parametrize("limit", [0, 10001])
def test_the_limit(instance: Instance, limit: int) -> None:
    with pytest.raises(InvalidInput, match="^limit: "):
        gathered(instance, ["history"], {"limit": limit})
