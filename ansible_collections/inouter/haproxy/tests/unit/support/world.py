# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole small world in memory: what is wanted, a simulated HAProxy, and files in a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest import mock

from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files import (
    atomic,
    map_file,
    pool_file,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Pool
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.apply import apply
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    Difference,
    compare,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.observe import (
    Places,
    observe,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    EVERYTHING,
    Observed,
    Scope,
    Wanted,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.steps import (
    Step,
    file_contents,
    runtime_steps,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.succession import leaving
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command

from . import strategies as small
from .direct import DirectApi
from .simulated import Simulated, Slot

PLACES = Places("/conf", "/seen")
MAPS = tuple(PLACES.runtime_map(path) for path in PLACES.maps)
POOLS = frozenset(range(1, small.POOL_COUNT + 1))
ALL_SLOTS = range(1, small.SLOT_COUNT + 1)

Routes = dict[str, str]


@dataclass
class Truth:
    """What should be: a pool's name for each domain, and the pools' servers."""

    routes: Routes
    pools: dict[int, Pool]

    def wanted(self, scope: Scope) -> Wanted:
        """The same as the steps need it."""
        numbers = POOLS if scope.pools is None else scope.pools
        held = {pool: self.pools.get(pool, {}) for pool in numbers}
        return Wanted(
            scope,
            {n: p for n, p in self.routes.items() if scope.everything or n in scope.domains},  # type: ignore[operator]
            {(pool, s): held[pool].get(s, FREE) for pool in numbers for s in ALL_SLOTS},
            {pool: pool_file.render(pool, held[pool], len(ALL_SLOTS)) for pool in numbers},
            self.routes.items,
        )


@dataclass
class World:
    """What is: HAProxy, and the content of each file that there is."""

    haproxy: Simulated
    files: dict[str, bytes]

    @contextmanager
    def instead_of_the_disk(self) -> Iterator[None]:
        """Let the code under test read and write the dict."""
        one = mock.patch.multiple(
            atomic, read=self.files.get, replace=self.write, remove=self.files.pop
        )
        with one, mock.patch.object(atomic, "replace_all", self._write_all):
            yield

    def _write_all(self, contents: Iterable[tuple[str, bytes | map_file.Content]]) -> None:
        for path, content in contents:
            self.write(path, content)

    def write(self, path: str, content: bytes | map_file.Content, _mode: int = 0) -> None:
        """Give a file its content."""
        self.files[path] = content if isinstance(content, bytes) else b"".join(content)

    def look(self, scope: Scope) -> Observed:
        """What is observed in the scope."""
        pools = POOLS if scope.pools is None else scope.pools
        with self.instead_of_the_disk():
            return observe(DirectApi(self.haproxy), PLACES, scope, pools)

    def plan(self, wanted: Wanted) -> Plan:
        """Differences, commands and files for one round."""
        seen = self.look(wanted.scope)
        differences = compare(wanted, seen, PLACES)
        steps = runtime_steps(differences, seen.runtime, PLACES) if seen.runtime else []
        return Plan(
            seen, differences, steps, file_contents(differences, wanted, seen.files, PLACES)
        )

    def converge(self, truth: Truth, scope: Scope = EVERYTHING) -> Observed:
        """Apply until nothing differs."""
        api, wanted, seen = DirectApi(self.haproxy), truth.wanted(scope), self.look(scope)
        differences = compare(wanted, seen, PLACES)
        with self.instead_of_the_disk():
            return apply(api, PLACES, wanted, seen, differences, lambda: self.look(scope))

    def carry_out(self, plan: Plan) -> None:
        """Run the commands, which all must succeed, and write the files."""
        DirectApi(self.haproxy).carry_out(plan.steps)
        for path, content in plan.files:
            assert content is not None
            self.write(path, content)


@dataclass
class Plan:
    """One round of convergence."""

    seen: Observed
    differences: list[Difference]
    steps: list[Step]
    files: list[tuple[str, bytes | map_file.Content | None]]

    @property
    def commands(self) -> list[Command]:
        """The steps that are single commands."""
        return [step for step in self.steps if isinstance(step, Command)]


def taken_over(plan: Plan) -> bool:
    """Whether a domain gets a pool that another one leaves, which is done in turn."""
    found = [d for d in plan.differences if d.side == "runtime"]
    slots = [d for d in found if d.kind == "slot"]
    return bool(leaving(slots, [d for d in found if d.kind == "route"]))


# -- worlds for hypothesis

routes = st.dictionaries(small.domains, small.pool_names(), max_size=len(small.DOMAINS))
pools = st.dictionaries(small.pools, small.pool_servers(), max_size=small.POOL_COUNT)
truths = st.builds(Truth, routes, pools)
scopes = st.just(Scope()) | st.builds(
    scope_of, st.frozensets(small.domains), st.frozensets(small.pools), st.just(())
)
slots = st.builds(
    Slot, st.just(FREE) | small.servers(), running=st.booleans(), checked=st.booleans()
).map(lambda slot: replace(slot, running=slot.running and slot.server.state != "maint"))
_keys = small.domains | st.sampled_from(("odd(key", "x.test/y"))
_entries = st.lists(st.tuples(_keys, small.pool_names()), max_size=6)


def _map_files(path: str) -> st.SearchStrategy[bytes | None]:
    """A map file that is missing, damaged, loose or tidy; it holds no name of the other one."""
    loose = _entries.map(lambda found: [pair for pair in found if PLACES.map_of(pair[0]) == path])
    tidy = routes.map(lambda found: [r for r in found.items() if PLACES.map_of(r[0]) == path])
    return st.one_of(
        st.none(),
        st.sampled_from((b"", b"a.test pool_1\n", map_file.HEADER[:-1])),
        loose.map(
            lambda found: map_file.HEADER + "".join(map("{0[0]} {0[1]}\n".format, found)).encode()
        ),
        tidy.map(map_file.render),
    )


pool_files = (
    st.none()
    | st.sampled_from((b"", b"backend x\n"))
    | small.pool_servers().map(lambda servers: pool_file.render(1, servers, len(ALL_SLOTS)))
)


@st.composite
def worlds(draw: st.DrawFn, tidy: bool = False, kind: type[Simulated] = Simulated) -> World:
    """Any HAProxy and any files; a tidy HAProxy has each key once, in its own map."""
    haproxy = kind("/seen", small.POOL_COUNT, small.SLOT_COUNT)
    haproxy.version = draw(st.sampled_from(("2.8.25", "3.0.11", "3.2.26-1", "3.4.7-1")))
    for path in MAPS:
        for key, pool in draw(routes).items() if tidy else draw(_entries):
            if not tidy or PLACES.runtime_map_of(key) == path:
                haproxy.put(path, key, pool)
    haproxy.slots = {key: draw(slots) for key in haproxy.slots}
    files = {path: draw(_map_files(path)) for path in PLACES.maps}
    files.update({PLACES.pool_file(pool): draw(pool_files) for pool in sorted(POOLS)})
    return World(haproxy, {path: content for path, content in files.items() if content is not None})
