# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a figure is, and how figures are taken: in turns, so that a noisy machine hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

Times = dict[str, float]


class Figure(NamedTuple):
    """One line of the report.

    :param against: what `value` is compared with, in words, or empty
    :param ratio: value divided by that, or None
    """

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None

    def line(self) -> str:
        """The figure for people."""
        compared = f"  {self.ratio:6.2f} x {self.against}" if self.ratio is not None else ""
        return f"{self.name:<70} {self.value:10.2f} {self.unit:<12}{compared}"


def medians(actions: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """The median milliseconds of each action, taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for _round in range(rounds):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            taken[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}
