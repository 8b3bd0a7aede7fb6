# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often one caller may call."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

REMEMBERED = 10_000


class _Bucket(NamedTuple):
    left: float
    at: float


class RateLimit:
    """A bucket of calls for each caller, which fills up again over a minute.

    :param per_minute: calls a minute, and how many may come at once
    """

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Take one call: 0, or the seconds until the next one is allowed."""
        now = time.monotonic()
        held = self._buckets.pop(caller, _Bucket(self._size, now))
        left = min(self._size, held.left + (now - held.at) * self._size / 60)
        allowed = left >= 1
        self._buckets[caller] = _Bucket(left - 1 if allowed else left, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self._size
