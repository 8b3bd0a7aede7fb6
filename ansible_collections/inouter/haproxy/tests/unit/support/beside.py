# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that happens once, beside the call of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def once_before(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], Any]
) -> None:
    """Let `act` happen right before the first call of the function `name` of `place`."""
    original, acts = getattr(place, name), [act]

    def patched(*values: Any) -> Any:
        if acts:
            acts.pop()()
        return original(*values)

    monkeypatch.setattr(place, name, patched)


def once_after(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], Any]
) -> None:
    """Let `act` happen right after the first call of the function `name` of `place`."""
    original, acts = getattr(place, name), [act]

    def patched(*values: Any) -> Any:
        found = original(*values)
        if acts:
            acts.pop()()
        return found

    monkeypatch.setattr(place, name, patched)
