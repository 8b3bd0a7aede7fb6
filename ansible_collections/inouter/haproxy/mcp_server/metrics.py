# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server counts of itself, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

PREFIX = "haproxy_mcp"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Counters of one server, in a registry of their own so that tests can have several."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.calls = Counter(
            f"{PREFIX}_tool_calls",
            "Calls of tools by their outcome.",
            ("tool", "outcome"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            f"{PREFIX}_tool_seconds",
            "How long calls of tools took.",
            ("tool",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.refused = Counter(
            f"{PREFIX}_http_refused",
            "Requests refused before they reached a tool, by HTTP status.",
            ("status",),
            registry=self._registry,
        )
        self.writing = Gauge(
            f"{PREFIX}_writes_under_way", "Writes that run or wait.", registry=self._registry
        )
        self.starts = Gauge(
            f"{PREFIX}_responder_starts",
            "How often the read connection of a host was started.",
            ("host",),
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All of them in the text format."""
        return generate_latest(self._registry)
