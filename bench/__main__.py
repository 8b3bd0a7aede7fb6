# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: takes every figure, prints one line each, and writes bench/results.json.

`python -m bench reads writes` takes only those of the benches with these names, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ansible_collections.inouter.haproxy.tests.integration.lab import builds

from . import certificates, domains, mcp_reads, mcp_writes, scale, swaps, tasks
from .figures import Figure

RESULTS = Path(__file__).parent / "results.json"
Bench = Callable[[Path, Path], Iterator[Figure]]
BENCHES: dict[str, Bench] = {
    "change": scale.one_change,
    "connections": scale.connections,
    "tasks": tasks.tasks,
    "certificates": certificates.many,
    "lists": domains.lists,
    "loop": domains.loop,
    "swaps": swaps.swaps,
    "reads": mcp_reads.reads,
    "writes": mcp_writes.writes,
}
VERSION = "3.2"


def figures(names: Sequence[str], folder: Path) -> Iterator[Figure]:
    """The figures of these benches, printed as they come."""
    binary = builds.fetch(VERSION)
    print(f"HAProxy {VERSION}; ratios were taken in this run", flush=True)
    for name in names:
        for figure in BENCHES[name](binary, folder):
            print(figure.line(), flush=True)
            yield figure


def main() -> None:
    """Run the benches."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    names = parser.parse_args().names
    if unknown := sorted(set(names) - set(BENCHES)):
        parser.error(f"no bench is called {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    with tempfile.TemporaryDirectory() as folder:
        found = [figure._asdict() for figure in figures(names or list(BENCHES), Path(folder))]
    if not names:
        RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
