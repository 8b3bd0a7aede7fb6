# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes of writes that never took place."""

from __future__ import annotations

from typing import Any

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome


def outcome_with(**fields: Any) -> Outcome:
    """An outcome with these fields."""
    made = Outcome()
    unknown = fields.keys() - vars(made).keys()
    assert not unknown, f"an Outcome has no {unknown}"
    vars(made).update(fields)
    return made
