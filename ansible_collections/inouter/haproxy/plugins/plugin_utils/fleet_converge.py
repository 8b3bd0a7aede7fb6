# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing hosts of a fleet to the one that is right: which one that is, and the report. Pure."""

from __future__ import annotations

from typing import Any

from .fleet import Host, Hosts, failed, head, message

_NOTHING = "0" * 32
"""The digest of a host that serves nothing."""

RIGHT, SAME, CAUGHT_UP, WOULD_CATCH_UP = "right", "same", "caught_up", "would_catch_up"
REFUSED, UNREACHABLE = "refused", "unreachable"


def source(hosts: Hosts, wanted: str = "") -> tuple[str, str]:
    """The host that the others should be like, or nothing and a sentence that tells why."""
    good = {name: host for name, host in hosts.items() if not _why(host)}
    if wanted:
        return _named(hosts, good, wanted)
    if not good:
        return "", "No host is healthy, so there is none to take from."
    known = [host for host in hosts.values() if not failed(host["start"])]
    ahead = [name for name in good if all(_is_behind(other, good[name]) for other in known)]
    if ahead:
        return ahead[0], ""
    return "", (
        f"{', '.join(hosts)} were changed apart from each other, or the one with all changes is not"
        " healthy. Compare them, and set fleet_source to the one that is right."
    )


def _named(hosts: Hosts, good: Hosts, wanted: str) -> tuple[str, str]:
    if wanted in good:
        return wanted, ""
    if wanted not in hosts:
        return "", f"fleet_source: {wanted} is not one of the hosts {', '.join(hosts)}."
    return "", f"fleet_source: {wanted} is not healthy: {_why(hosts[wanted])}"


def _why(host: Host) -> str:
    """Why the others cannot take from this host."""
    start = host["start"]
    if failed(start):
        return message(start)
    if not start["standing"]["running"]:
        return "HAProxy does not run there."
    if not start["drift"]["converged"]:
        return "HAProxy or its files differ from its database; converge that host first."
    return ""


def _is_behind(host: Host, other: Host) -> bool:
    """Whether the other host has had all that this one has, and no less since."""
    mine, theirs = (h["start"]["standing"]["lineage"] for h in (host, other))
    if mine[:1] == theirs[:1] or set(mine) <= {_NOTHING}:
        return True
    if mine[0] not in theirs:
        return False
    # Where each has been where the other one is, something was taken back: the whole way counts.
    return theirs[0] not in mine or mine == theirs[-len(mine) :]


def report(hosts: Hosts, right: str) -> list[dict[str, Any]]:
    """One entry for each host, in their order, with the keys of `fleet_report.report`."""
    digest = head(hosts[right])
    return [_entry(name, host, right, digest) for name, host in hosts.items()]


def _entry(name: str, host: Host, right: str, digest: str | None) -> dict[str, Any]:
    problem = _problem(host, right, digest)
    last = host.get("end") or host["start"]
    known = not failed(last)
    running = known and last["standing"]["running"]
    same = known and last["drift"]["converged"] and head(host) == digest
    return {
        "host": name,
        "ok": not problem,
        "outcome": _outcome(host, name == right, problem),
        "persisted": same if known else None,
        "applied": same and running if known else None,
        "verified": same and running if known else None,
        "generation": last["standing"]["generation"] if known else None,
        "message": problem or _told(name, right, host),
    }


def _problem(host: Host, right: str, digest: str | None) -> str:
    taken = host.get("applied", [])
    for result in (host["start"], *taken, host.get("end") or {}):
        if failed(result):
            return message(result)
    if taken and not taken[0].get("persisted"):
        return ""
    if taken and head(host) != digest:
        return f"It still does not serve the same as {right}, which may have been changed since."
    return ""


def _outcome(host: Host, is_right: bool, problem: str) -> str:
    taken = host.get("applied", [])
    if any(r.get("unreachable") for r in (host["start"], *taken)):
        return UNREACHABLE
    if problem:
        return REFUSED
    if is_right:
        return RIGHT
    if not taken:
        return SAME
    return CAUGHT_UP if taken[0].get("persisted") else WOULD_CATCH_UP


def _told(name: str, right: str, host: Host) -> str:
    if name == right:
        return "The others are to serve what it serves."
    taken = host.get("applied", [])
    if not taken:
        return f"It served the same as {right} already."
    if not taken[0].get("persisted"):
        return f"It is behind {right}, and can take from it."
    return f"It serves the same as {right} now."
