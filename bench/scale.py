# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one change costs on the host with few and with many domains present."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)
from ansible_collections.inouter.haproxy.tests.integration.lab.children import wait_until
from ansible_collections.inouter.haproxy.tests.integration.lab.managed import Managed

from .domains import listed, module
from .figures import Figure, medians

POOLS, ROUNDS = 1000, 40
FEW, MANY = 100, 100_000


def filled(binary: Path, folder: Path, domains: int) -> Managed:
    """A running HAProxy with so many domains over half of its pools."""
    managed = Managed(binary, folder, pools=POOLS, slots=10)
    managed.start()
    module(managed, "haproxy_domains", domains=listed(domains, min(domains, POOLS // 2)))
    return managed


def changes(managed: Managed) -> Callable[[], object]:
    """An action that adds a domain the one time and removes it the next."""
    instance = Instance(str(managed.base_dir))
    turns: Iterator[int] = count()

    def change() -> None:
        present = next(turns) % 2 == 0
        request = DomainRequest("changed.bench.test", present, ip="127.0.0.2" if present else None)
        assert write(instance, "bench", request).verified

    return change


def module_runs(managed: Managed) -> Callable[[], object]:
    """The same as a module's own process: Python's start, imports and all."""
    turns: Iterator[int] = count()

    def run() -> None:
        present = next(turns) % 2 == 0
        options = {"ip": "127.0.0.2"} if present else {"state": "absent"}
        child = managed.popen("haproxy_domain", domain="process.bench.test", **options)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, (out, err)

    return run


def one_change(binary: Path, folder: Path) -> Iterator[Figure]:
    """One changed domain among 100,000 against one among 100."""
    few = filled(binary, folder / "few", FEW)
    many = filled(binary, folder / "many", MANY)
    for what, action, rounds in (
        ("module process on the host", module_runs, ROUNDS // 2),
        ("core alone, in a warm process", changes, ROUNDS),
    ):
        taken = medians({"few": action(few), "many": action(many)}, rounds)
        yield Figure(f"one changed domain among {FEW}, {what}", taken["few"], "ms")
        name, ratio = f"one changed domain among {MANY}, {what}", taken["many"] / taken["few"]
        yield Figure(name, taken["many"], "ms", f"among {FEW}", ratio)
    few.process.stop()
    many.process.stop()


def connections(binary: Path, folder: Path) -> Iterator[Figure]:
    """How many Runtime API connections ten servers take to be set."""
    managed = Managed(binary, folder / "ten", pools=2, slots=11)
    managed.start()
    address, port = managed.http
    managed.module("haproxy_domain", domain="ten.bench.test", ip=address, http_port=port)
    # Others wait for their first check beside a server that is up; else the first is waited for.
    wait_until(lambda: " 2 " in managed.ask("show servers state pool_1"), 15, "it is up")
    one = counted(managed, [{"slot": 2, "ip": "127.0.1.2"}])
    ten = counted(managed, [{"slot": n, "ip": f"127.0.2.{n}"} for n in range(2, 12)])
    managed.process.stop()
    yield Figure("ten servers in one call: Runtime API connections to set them", ten, "connections")
    yield Figure("one server in one call: the same", one, "connections", "ten servers", one / ten)


def counted(managed: Managed, servers: list[dict[str, object]]) -> int:
    """Connections that carry `set server` commands, out of all that the write opens."""
    instance = Instance(str(managed.base_dir))
    before = instance.api.connections
    sent = []
    ask = instance.api.ask

    def spied(commands: list) -> list[str]:  # type: ignore[type-arg]
        opened = instance.api.connections
        replies = ask(commands)
        if any(command.text.startswith("set server") for command in commands):
            sent.append(instance.api.connections - opened)
        return replies

    instance.api.ask = spied  # type: ignore[assignment,method-assign]
    write(instance, "bench", ServerRequest("ten.bench.test", servers=servers))
    assert instance.api.connections > before
    return sum(sent)
