# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write that changes no row."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import Damaged
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.tests.unit.support.truth import behind_the_back


def test_nothing_is_edited(instance: Instance) -> None:
    outcome = write(instance, "test", Convergence())
    assert (outcome.changed, outcome.rows, outcome.described) == (False, {}, {})


def test_a_damaged_database_is_not_followed(instance: Instance) -> None:
    """Even where HAProxy and the files agree with the damage."""
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    with behind_the_back(instance.paths.database) as connection:
        connection.execute("INSERT INTO settings VALUES ('x', 'y')")
    with pytest.raises(Damaged, match="state=adopted"):
        write(instance, "test", Convergence())
