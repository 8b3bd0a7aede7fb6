# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What node_exporter's textfile collector reads of an instance.

The format is Prometheus's text format, version 0.0.4.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ..._files import atomic
from ..._instance.instance import Instance
from ..._instance.write import Outcome
from ..._model.errors import HaproxyError
from ..._model.servers import pool_name
from ..._store import history

FILE_MODE = 0o644
# Prometheus keeps a series for each; more than these are not worth what they cost.
MOST_DOMAINS = 10000
_LAST = "inouter_haproxy_converge_last_success_timestamp_seconds"


class Metric(NamedTuple):
    """One metric with its samples: labels, as they are written, and values."""

    name: str
    help: str
    samples: Iterable[tuple[str, float]]

    def __str__(self) -> str:
        lines = [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} gauge"]
        lines += [f"{self.name}{labels} {value:.15g}" for labels, value in self.samples]
        return "\n".join(lines) + "\n"


def write_metrics(instance: Instance, path: str, outcome: Outcome | None) -> None:
    """Write the file after a convergence; `outcome` is None where it failed.

    Raises OSError where the file cannot be written.
    """
    before = (atomic.read(path) or b"").decode("utf-8", "replace")
    metrics = [*_of_the_convergence(outcome, before), *_as_far_as_readable(instance)]
    atomic.replace(path, "".join(map(str, metrics)).encode("utf-8"), FILE_MODE)


def _of_the_convergence(outcome: Outcome | None, before: str) -> Iterator[Metric]:
    success = outcome is not None and outcome.persisted
    text = "Whether the last convergence left everything as the database says."
    yield Metric("inouter_haproxy_converge_success", text, [("", success)])
    last = time.time() if success else _last_success(before)
    yield Metric(_LAST, "When a convergence last succeeded.", [("", last)])
    if outcome is not None:
        found = Counter((d.side, d.kind) for d in (*outcome.differences, *outcome.lost))
        text = "What the last convergence found to differ from the database; all but lost"
        text += " certificates, which are of the kind certificate on the side files, was put right."
        samples = [(f'{{side="{s}",kind="{k}"}}', n) for (s, k), n in sorted(found.items())]
        yield Metric("inouter_haproxy_drift_differences", text, samples or [("", 0)])


def _as_far_as_readable(instance: Instance) -> list[Metric]:
    """What the database says, also where nothing could be made to agree with it."""
    try:
        return list(_of_the_truth(instance))
    except (HaproxyError, ValueError):
        return []


def _of_the_truth(instance: Instance) -> Iterator[Metric]:
    with instance.store() as store:
        generation = history.last_generation(store.connection)
        rows = store.certificates()
        domains = list(store.domains())
    text = "The number of the newest change."
    yield Metric("inouter_haproxy_generation", text, [("", generation)])
    yield Metric("inouter_haproxy_domains", "How many domains there are.", [("", len(domains))])
    text = "The pool that serves a domain, named as HAProxy's own metrics name it."
    found = domains if len(domains) <= MOST_DOMAINS else []
    pools = [(f'{{domain="{d.domain}",proxy="{pool_name(d.pool)}"}}', 1.0) for d in found]
    yield Metric("inouter_haproxy_domain_info", text, pools)
    samples = [
        (
            f'{{name="{row.name}",key_type="{row.key_type}"}}',
            datetime.fromisoformat(row.not_after).timestamp(),
        )
        for row in rows
    ]
    text = "When a certificate expires."
    yield Metric("inouter_haproxy_certificate_not_after_timestamp_seconds", text, samples)


def _last_success(before: str) -> float:
    match = re.search(rf"^{_LAST} ([0-9.e+]+)$", before, re.MULTILINE)
    return float(match.group(1)) if match else 0.0
