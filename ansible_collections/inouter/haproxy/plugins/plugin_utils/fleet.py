# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several HAProxy hosts that are to serve the same: who has a problem, who is right. Pure.

A host is a mapping of what was found on it, as results of tasks: `start` and `end` of
haproxy_state_info with `standing`, the lists `checked`, `applied` and `verified` with one result
for each change, `past` with the `history` since, and `back`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Result = Mapping[str, Any]
Host = Mapping[str, Any]
Hosts = Mapping[str, Host]


def problems(hosts: Hosts, all_or_nothing: bool) -> dict[str, str]:
    """What is wrong with a host, in a sentence, for each host with a problem."""
    found = {name: next(_problems(host, all_or_nothing), "") for name, host in hosts.items()}
    if all_or_nothing and not any(found.values()):
        found = _differing(hosts)
    return {name: text for name, text in found.items() if text}


def _problems(host: Host, all_or_nothing: bool) -> Iterator[str]:
    for result in (host.get("start"), *_steps(host), host.get("end")):
        if result and failed(result):
            yield message(result)
    start = host.get("start")
    if all_or_nothing and start and not start["standing"]["running"]:
        yield "HAProxy does not run there. Start it first."
    yield from (_unproved(result) for result in host.get("verified", ()) if not proved(result))


def _steps(host: Host) -> Iterator[Result]:
    for step in ("checked", "applied", "verified"):
        yield from host.get(step, ())


def failed(result: Result) -> bool:
    """Whether a task failed or did not reach its host."""
    return bool(result.get("failed") or result.get("unreachable"))


def message(result: Result) -> str:
    """A failed task's own words."""
    words = " ".join(str(result.get("msg") or "The task failed and says no more.").split())
    return f"It could not be reached: {words}" if result.get("unreachable") else words


def proved(result: Result) -> bool:
    """Whether a repeated check found that HAProxy and the files hold what was asked for."""
    return bool(result.get("persisted") and result.get("verified"))


def _unproved(result: Result) -> str:
    if result.get("persisted"):
        return "It is in the database and the files, but HAProxy does not run there."
    return "Somebody changed it at the same time: it is not there any more."


def head(host: Host) -> str | None:
    """The digest of what a host serves, as it was last seen."""
    seen = host.get("end") or host.get("start") or {}
    lineage = seen.get("standing", {}).get("lineage") or [None]
    digest: str | None = lineage[0]
    return digest


def _differing(hosts: Hosts) -> dict[str, str]:
    first = next(iter(hosts), "")
    seen = {name: head(host) for name, host in hosts.items()}
    others = [name for name, digest in seen.items() if digest != seen.get(first)]
    advice = "Bring them together with the playbook fleet_converge, or name the pools."
    return dict.fromkeys(others, f"It does not serve the same as {first}. {advice}")


def needs_pool(change: Mapping[str, Any]) -> bool:
    """Whether hosts might choose different pools for this change."""
    given = change["options"]
    return change["module"] == "haproxy_domain" and not (given.get("pool") or _has_none(given))


def _has_none(given: Mapping[str, Any]) -> bool:
    return bool(given.get("share_with")) or given.get("state") == "absent"


def options(change: Mapping[str, Any], chosen: Result) -> dict[str, Any]:
    """The options of a change, with the pool that one of the hosts chose in a check.

    Hosts that serve the same have the same pools free, but each would take them in an order of its
    own.
    """
    given = dict(change["options"])
    if needs_pool(change) and chosen.get("pool") and not chosen.get("share_with"):
        given["pool"] = chosen["pool"]
    return given
