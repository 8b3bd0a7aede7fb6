# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: takes every figure, prints one line each, and writes bench/results.json."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.inouter.haproxy.tests.integration.lab import builds

from . import certificates, domains, mcp_reads, mcp_writes, scale, swaps, tasks
from .figures import Figure

RESULTS = Path(__file__).parent / "results.json"
BENCHES = (
    scale.one_change,
    scale.connections,
    tasks.tasks,
    certificates.many,
    domains.lists,
    domains.loop,
    swaps.swaps,
    mcp_reads.reads,
    mcp_writes.writes,
)
VERSION = "3.2"


def figures(folder: Path) -> Iterator[Figure]:
    """All figures, printed as they come."""
    binary = builds.fetch(VERSION)
    print(f"HAProxy {VERSION}; ratios were taken in this run", flush=True)
    for bench in BENCHES:
        for figure in bench(binary, folder):
            print(figure.line(), flush=True)
            yield figure


def main() -> None:
    """Run the benches."""
    with tempfile.TemporaryDirectory() as folder:
        found = [figure._asdict() for figure in figures(Path(folder))]
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
