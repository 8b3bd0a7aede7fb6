# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as they are returned: from the database, the files and HAProxy. Read only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

from ..._files import atomic
from ..._instance.instance import Instance
from ..._instance.settings import Settings
from ..._model.certificate import Certificate, file_name
from ..._model.digest import is_intact
from ..._model.names import domain_name
from ..._reconcile.picture import Observed, scope_of


def certificate_view(row: Certificate) -> dict[str, Any]:
    """What is known of a certificate, with the days that it has left."""
    end = datetime.fromisoformat(row.not_after)
    left = (end - datetime.now(timezone.utc)).total_seconds() / 86400
    view = row._asdict()
    del view["content"], view["sha1"]
    return {
        **view,
        "domains": row.domains.split(),
        "days_left": int(left // 1),
        "file": file_name(row.key),
    }


def list_certificates(
    instance: Instance, names: Collection[str] | None = None, expiring_within: int | None = None
) -> list[dict[str, Any]]:
    """The certificates of these names, or all; with a limit those with fewer days left.

    Each says where it is: `database`, `disk`, `haproxy` (None where that does not run), and
    whether these agree.
    """
    wanted = None if names is None else {domain_name(name, "names") for name in names}
    with instance.reading() as store:
        settings = Settings.of_rows(store.settings())
        rows = [r for r in store.certificates() if wanted is None or r.name in wanted]
    observed = instance.observe(settings, scope_of(certificates=[row.key for row in rows]))
    views = [{**certificate_view(row), **_where(instance, row, observed)} for row in rows]
    limit = float("inf") if expiring_within is None else expiring_within
    return [view for view in views if view["days_left"] < limit]


def _where(instance: Instance, row: Certificate, observed: Observed) -> dict[str, Any]:
    name = file_name(row.key)
    disk = is_intact(row, atomic.read(f"{instance.paths.certs}/{name}"))
    held = observed.runtime.certificates if observed.runtime else None
    haproxy = None
    if held is not None:
        haproxy = held.sha1s.get(name) == row.sha1 and len(held.entries.get(name, [])) == 1
    where = {"database": True, "disk": disk, "haproxy": haproxy}
    return {"where": where, "agrees": disk and haproxy is not False}
