# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write, in order: lock, edit the truth, plan, apply, read back; or go back.

See docs/architecture.md, "The way of one write".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._model.certificate import STAGED, CertificateKey
from .._model.errors import HaproxyError
from .._reconcile.apply import apply
from .._reconcile.compare import PEM_FILE, Difference, compare
from .._reconcile.picture import EVERYTHING, Observed, Scope, Wanted
from .._store import history, watermark
from .._store.database import transaction
from .._store.store import Store
from .guard import require_expected, require_newest, suspicious
from .instance import Instance
from .settings import Settings
from .settle import settle

if TYPE_CHECKING:
    from .request import Request


class Outcome:
    """How a write ended.

    :ivar changed: whether anything was, or in check mode would be, changed
    :ivar generation: of the history's row for this change, else of the newest row
    :ivar persisted: database and files hold what was asked for
    :ivar applied: the running HAProxy was told; False where none runs
    :ivar verified: it was read back from HAProxy and the files
    :ivar rows: what differs in the database, before and after, by kind and name
    :ivar differences: what differed in HAProxy and the files
    :ivar lost: what still differs: certificates of which no intact file is left
    :ivar recovered: generations of cut-off writes that were brought to their end first
    :ivar described: what the request tells of the truth after it
    """

    def __init__(self, changed: bool = False, described: dict[str, Any] | None = None) -> None:
        self.changed = changed
        self.generation = 0
        self.persisted = self.applied = self.verified = False
        self.rows: dict[tuple[str, Any], tuple[Any, Any]] = {}
        self.differences: list[Difference] = []
        self.lost: list[Difference] = []
        self.recovered: list[int] = []
        self.described = described or {}


class _Rollback(Exception):
    """Leaves the transaction without a commit."""


class _Write:
    """The parts that the steps of one write share."""

    def __init__(self, instance: Instance, store: Store) -> None:
        self.instance = instance
        self.store = store
        self.settings = Settings.of_rows(store.settings())
        self.scope: Scope = EVERYTHING
        self.contents: Mapping[CertificateKey, bytes] = {}
        self.wanted: Wanted
        self.begun = False

    def look(self) -> Observed:
        return self.instance.observe(self.settings, self.scope)

    def compare(self, observed: Observed) -> list[Difference]:
        """What differs from the truth as it is now, which stays what `converge` wants."""
        self.wanted = self.instance.wanted(self.store, self.settings, self.scope, self.contents)
        return compare(self.wanted, observed, self.instance.places(self.settings))

    def require_explained(self, outcome: Outcome, slots: int) -> None:
        """Where something differs that no edit explains, the database may be what is wrong."""
        from .._reconcile.explained import only_edits  # here, for it is for changes alone

        if not only_edits(outcome.differences, outcome.rows, slots):
            from .._store.damage import require_sound  # here, for it is for the unexpected

            require_sound(self.store, outcome.rows)

    def stage(self, outcome: Outcome) -> None:
        """Have new certificates on disk before the database names them, and keep the old ones."""
        if any(kind == "certificate" for kind, _name in outcome.rows):
            from .kept import keep  # here, for most writes change none

            keep(self.instance.paths, outcome.rows, outcome.generation)
        if self.contents:
            from .certificates import stage  # here, for most writes bring none

            stage(self.instance.paths.certs, self.contents)

    def unstage(self) -> None:
        """Forget what was staged, by this write or by one that was cut off."""
        if os.path.isdir(f"{self.instance.paths.certs}/{STAGED}"):
            from .certificates import unstage  # here, for most writes bring none

            unstage(self.instance.paths.certs)

    def committed(self, outcome: Outcome) -> None:
        """Note the generation outside of the database, and forget what left its window."""
        paths = self.instance.paths
        watermark.write(paths.database, outcome.generation, self.settings.rows())
        if os.path.isdir(paths.kept):
            from .kept import forget  # here, for few instances keep any

            forget(paths.kept, outcome.generation)

    def converge(self, observed: Observed, differences: list[Difference]) -> Observed:
        api, places = self.instance.api, self.instance.places(self.settings)
        if any(found.kind == PEM_FILE for found in differences):
            from .kept import keep_unknown  # here, for most writes replace no certificate

            keep_unknown(self.instance.paths, observed, differences)
        return apply(api, places, self.wanted, observed, differences, self.look)


def write(instance: Instance, action: str, request: Request, check_mode: bool = False) -> Outcome:
    """Carry out one change of the truth and make HAProxy and the files agree with it.

    Raises HaproxyError or OSError; then everything is as it was before.
    """
    instance.require()
    with instance.lock(action), instance.store() as store:
        require_newest(instance.paths.database, store)
        return write_locked(instance, store, action, request, check_mode)


def write_locked(
    instance: Instance, store: Store, action: str, request: Request, check_mode: bool = False
) -> Outcome:
    """The same where the host's lock is held already; raises Conflict for the wrong generation."""
    require_expected(instance.expected_generation, store)
    # What a task writes after its first write builds on that.
    instance.expected_generation = None
    with suspicious(store):
        outcome = Outcome()
        if not check_mode:
            outcome.recovered = _recover(instance, store)
            outcome.changed = bool(outcome.recovered)
        step = _Write(instance, store)
        observed = _plan(step, action, request, outcome, check_mode)
        if step.begun:
            observed = _carry_out(step, outcome, observed)
        outcome.persisted = step.begun or not (outcome.rows or outcome.differences)
        settle(outcome, request, step.wanted, observed, instance.paths.certs)
        return outcome


def _recover(instance: Instance, store: Store) -> list[int]:
    """Bring writes that were cut off to their end: the truth has them already."""
    generations = history.pending(store.connection)
    step = _Write(instance, store)
    if generations:
        from .._store.damage import require_sound  # here, for hardly any write was cut off

        require_sound(store)
        observed = step.look()
        step.converge(observed, step.compare(observed))
        for generation in generations:
            history.finish(store.connection, generation, history.RECOVERED)
    step.unstage()
    return generations


def _plan(
    step: _Write, action: str, request: Request, outcome: Outcome, check_mode: bool
) -> Observed:
    """Edit and compare in one transaction, which a check or an empty plan rolls back."""
    try:
        with transaction(step.store.connection):
            slots = step.settings.pool_slots
            step.scope = request.edit(step.store, step.settings)
            step.settings = Settings.of_rows(step.store.settings())
            step.contents = getattr(request, "contents", {})
            observed = step.look()
            outcome.differences = step.compare(observed)
            outcome.rows = step.store.changed()
            if outcome.differences:
                step.require_explained(outcome, slots)
            outcome.described = request.describe(step.store)
            outcome.generation = history.last_generation(step.store.connection)
            step.instance.review(outcome)
            work = outcome.rows or outcome.differences or getattr(request, "fence", False)
            if check_mode or not work:
                raise _Rollback
            above = watermark.read(step.instance.paths.database)
            outcome.generation = history.begin(step.store.connection, action, outcome.rows, above)
            _mark_freed_pools(step.store, outcome)
            step.stage(outcome)
    except _Rollback:
        outcome.changed |= bool(outcome.rows or outcome.differences)
        return observed
    step.committed(outcome)
    outcome.changed = step.begun = True
    return observed


def _mark_freed_pools(store: Store, outcome: Outcome) -> None:
    """Note for each pool that lost its last domain when that was."""
    rows = [before for (kind, _name), (before, _after) in outcome.rows.items() if kind == "domain"]
    for pool in {row.pool for row in rows if row is not None}:
        if not store.domains_of(pool):
            store.mark_freed(pool, outcome.generation)


def _carry_out(step: _Write, outcome: Outcome, before: Observed) -> Observed:
    try:
        after = step.converge(before, outcome.differences)
    except Exception as error:
        _go_back(step, outcome, before, error)
        raise
    history.finish(step.store.connection, outcome.generation, history.DONE)
    step.unstage()
    return after


def _go_back(step: _Write, outcome: Outcome, before: Observed, error: Exception) -> None:
    """Undo in the database, the files and HAProxy.

    Where HAProxy or the disk refuse that too, the mark of a cut-off write stays, and the next
    write converges to the database as it was before.
    """
    with transaction(step.store.connection):
        step.store.put_back(outcome.rows)
        history.taken_back(step.store.connection, outcome.generation)
    from .._reconcile.undo import undo  # here, for hardly any write goes back

    try:
        undo(step.instance.api, step.instance.places(step.settings), before, step.look)
    except (HaproxyError, OSError) as second:
        raise HaproxyError(
            f"{error} Going back failed as well: {second} The database is as it was before;"
            " the next write, or haproxy_state, makes HAProxy and the files agree with it."
        ) from error
    history.finish(step.store.connection, outcome.generation, history.REFUSED, str(error))
    step.unstage()
