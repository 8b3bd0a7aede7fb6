# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole list of domains costs on the host, beside the bare Runtime API and beside a loop."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import Server
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import commands
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.maps import MapSwap
from ansible_collections.inouter.haproxy.tests.integration.lab.managed import Managed

from .figures import Figure, medians

POOLS, LOOP, TURNS, TURNS_OF_ONE, IMPORTS = 1000, 100, 3, 9, 15
COUNTS = (10_000, 100_000)

Items = list[dict[str, Any]]


def address(pool: int) -> str:
    """The server of a pool."""
    return f"127.0.{pool // 250}.{pool % 250 + 1}"


def listed(count: int, pools: int = POOLS) -> Items:
    """So many domains over so many pools with a server each."""
    own = [{"domain": f"d{n}.bench.test", "servers": [{"ip": address(n)}]} for n in range(pools)]
    shared = ((n, n % pools) for n in range(pools, count))
    return own + [
        {"domain": f"d{n}.bench.test", "share_with": f"d{pool}.bench.test"} for n, pool in shared
    ]


def module(managed: Managed, name: str, **options: Any) -> float:
    """Seconds of a module's own process, Python's start and all."""
    began = time.perf_counter()
    child = managed.popen(name, _ansible_diff=False, **options)
    out, err = child.communicate(timeout=600)
    seconds = time.perf_counter() - began
    assert child.returncode == 0 and json.loads(out)["verified"], (out[:500], err)
    return seconds


def bare(managed: Managed, count: int) -> float:
    """Seconds of the same commands alone, as few connections as they allow."""
    api = Instance(str(managed.base_dir)).api
    path = f"{managed.base_dir}/conf/domains.map"
    entries = [(f"d{n}.bench.test", f"pool_{n % POOLS + 1}") for n in range(count)]
    began = time.perf_counter()
    api.do(
        [
            command
            for n in range(POOLS)
            for command in (
                commands.set_address(n + 1, 1, Server(address(n))),
                commands.set_state(n + 1, 1, "ready"),
            )
        ]
    )
    MapSwap(path, entries).carry_out(api)
    return time.perf_counter() - began


def lists(binary: Path, folder: Path) -> Iterator[Figure]:
    """10,000 and 100,000 domains: from empty, again, and with one changed."""
    yield Figure("Python's start and Ansible's import, in each time of a module", imports(), "s")
    for count in COUNTS:
        plain = Managed(binary, folder / f"bare{count}", pools=POOLS)
        plain.start()
        floor = bare(plain, count)
        plain.process.stop()
        yield Figure(f"{count} domains: bare Runtime API commands", floor, "s")
        yield from one_list(binary, folder, count, floor)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure("memory of any module's process until here, at most", peak, "MB")


def imports() -> float:
    """Seconds of a process that does no more than every module of Ansible does."""

    def run() -> None:
        subprocess.run([sys.executable, "-c", "import ansible.module_utils.basic"], check=True)

    return medians({"imports": run}, IMPORTS)["imports"] / 1000


def from_empty(binary: Path, folder: Path, items: Items) -> tuple[Managed, float]:
    """An instance that has these domains, and the median of the seconds that new ones took."""
    taken = []
    for turn in range(TURNS):
        managed = Managed(binary, folder / str(turn), pools=POOLS)
        managed.start()
        taken.append(module(managed, "haproxy_domains", domains=items, prune=True))
        if turn + 1 < TURNS:
            managed.process.stop()
    return managed, statistics.median(taken)


def one_list(binary: Path, folder: Path, count: int, floor: float) -> Iterator[Figure]:
    """Figures of one length."""
    items, what = listed(count), f"{count} domains in one task"
    managed, first = from_empty(binary, folder / f"list{count}", items)
    yield Figure(f"{what}, from empty", first, "s", "bare commands", first / floor)
    again = often(managed, [items] * TURNS, prune=True)
    yield Figure(f"{what}, nothing to do", again, "s", "bare commands", again / floor)
    changed = [moved(items, 7, f"127.0.9.{n}") for n in range(TURNS)]
    change = often(managed, changed, prune=True)
    yield Figure(f"{what}, one changed", change, "s", "nothing to do", change / again)
    alone = [
        [{"domain": items[8]["domain"], "servers": [{"ip": f"127.0.9.{n}", "slot": 1}]}]
        for n in range(TURNS_OF_ONE)
    ]
    change = often(managed, alone)
    yield Figure(f"one of {count} domains named and changed", change, "s", "bare", change / floor)
    managed.process.stop()


def moved(items: Items, place: int, ip: str) -> Items:
    """The list with one domain that has another server."""
    other = {"domain": items[place]["domain"], "servers": [{"ip": ip}]}
    return [*items[:place], other, *items[place + 1 :]]


def often(managed: Managed, lists: list[Items], **options: Any) -> float:
    """The median of the seconds that these lists take, one after the other."""
    return statistics.median(
        module(managed, "haproxy_domains", domains=items, **options) for items in lists
    )


def loop(binary: Path, folder: Path) -> Iterator[Figure]:
    """A task for each of 100 domains, as for 10,000, beside one task for all."""
    managed = Managed(binary, folder / "loop", pools=POOLS)
    managed.start()
    items = listed(POOLS)[:LOOP]
    each = sum(
        module(managed, "haproxy_domain", domain=item["domain"], servers=item["servers"])
        for item in items
    )
    managed.process.stop()
    managed = Managed(binary, folder / "whole", pools=POOLS)
    managed.start()
    whole = module(managed, "haproxy_domains", domains=listed(COUNTS[0]))
    managed.process.stop()
    name = f"a loop of {LOOP} tasks scaled up to {COUNTS[0]} domains, on the host alone"
    scaled = each / LOOP * COUNTS[0]
    yield Figure(name, scaled, "s", "one task", scaled / whole)
