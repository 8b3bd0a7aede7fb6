# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scopes: what is looked at, and what two of them are together."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Scope,
    scope_of,
)

ONE, OTHER = scope_of(["a.test"], [1]), scope_of(["b.test", "a.test"], [2])


def test_scope_of() -> None:
    assert scope_of(["a.test", "a.test"], [1, 2, 1]) == Scope(
        frozenset({"a.test"}), frozenset({1, 2})
    )
    assert scope_of() == Scope(frozenset(), frozenset())


def test_everything() -> None:
    assert EVERYTHING.everything
    assert not scope_of().everything


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (ONE, OTHER, scope_of(["a.test", "b.test"], [1, 2])),
        (ONE, scope_of(), ONE),
        (ONE, EVERYTHING, EVERYTHING),
        (EVERYTHING, ONE, EVERYTHING),
    ],
)
def test_together(one: Scope, other: Scope, together: Scope) -> None:
    assert one | other == together
