# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module haproxy_state is asked for reaches who carries it out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.task import (
    STATES,
    carry_out,
)

OPTIONS: dict[str, Any] = {
    "generation": 1,
    "fence": False,
    "src": None,
    "dest": None,
    "keep": 10,
    "include_keys": False,
    "document": {"domains": [{"domain": "a.test"}], "certificates": None},
    "prune": False,
    "prune_limit": 20,
    "force": False,
}
TOLD = {
    "converged": set(),
    "rolled_back": {"rolled_back_to"},
    "adopted": {"adopted", "left_out"},
    "backed_up": {"backup", "sha256", "removed"},
    "restored": {"backup", "restored_generation"},
    "exported": {"dest"},
    "imported": {"counts", "removed", "left_out"},
    "migrated": {"entries"},
}


def ask(instance: Instance, state: str, check_mode: bool = False, **options: Any) -> Any:
    """Ask for a state."""
    return carry_out(instance, {**OPTIONS, **options, "state": state}, check_mode)


@pytest.fixture(autouse=True)
def domain(instance: Instance) -> None:
    """Have a domain and a backup."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    ask(instance, "backed_up")


@pytest.mark.parametrize("state", TOLD)
def test_each_state(instance: Instance, state: str) -> None:
    dest = f"{instance.paths.data}/x.json" if state == "exported" else None
    for check_mode in (True, False):
        outcome = ask(instance, state, check_mode, dest=dest)
        assert set(outcome.described) == TOLD[state]
    assert not ask(instance, state, dest=dest).changed


def test_there_is_none_else() -> None:
    assert set(STATES) == set(TOLD)


def test_bad_options(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^keep: 0 "):
        ask(instance, "backed_up", keep=0)
