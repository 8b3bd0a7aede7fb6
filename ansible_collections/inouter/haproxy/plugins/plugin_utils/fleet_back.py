# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet's change left in a host's history, and whether it can be taken back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .fleet import Host, Hosts, Result, failed

Change = Mapping[str, Any]
Row = Mapping[str, Any]


def going_back(hosts: Hosts, name: str, changes: Sequence[Change]) -> dict[str, bool]:
    """Whether this host has to go back (`needed`), and somebody else wrote to it (`foreign`)."""
    host = hosts[name]
    own = set(_own(hosts, host, changes))
    needed = bool(own) or any(_end_unknown(result) for result in host["applied"])
    start, rows = host["start"]["standing"]["generation"], host["past"]["history"]
    since = [row for row in rows if row["generation"] > start]
    foreign = any(row["generation"] not in own and _counts(row) for row in since)
    return {"needed": needed, "foreign": foreign or len(since) == len(rows)}


def _own(hosts: Hosts, host: Host, changes: Sequence[Change]) -> Iterator[int]:
    """The generations that this change made."""
    for number, result in enumerate(host["applied"]):
        if _was_made(result):
            yield result["generation"]
        row = _first_after(host, number)
        if row and _counts(row) and _is_of(row, hosts, host, number, changes[number]):
            yield row["generation"]


def _was_made(result: Result) -> bool:
    return bool(result.get("changed")) and not failed(result)


def _end_unknown(result: Result) -> bool:
    """Whether the module may have done its work and could not tell."""
    return bool(result.get("unreachable")) or (failed(result) and "module_stdout" in result)


def _counts(row: Row) -> bool:
    """Whether a row of the history is of a change that was not undone at once."""
    return bool(row["outcome"] != "refused")


def _first_after(host: Host, number: int) -> Row | None:
    """The row that a change wrote, if it wrote one: it expected the generation before."""
    before = [host["start"]["standing"], *host["verified"]][number].get("generation", 0)
    later = [row for row in host["past"]["history"] if row["generation"] > before]
    return min(later, key=lambda row: int(row["generation"]), default=None)


def _is_of(row: Row, hosts: Hosts, host: Host, number: int, change: Change) -> bool:
    """Whether a row may be of a change whose own result does not tell of it."""
    result = host["applied"][number]
    if row["action"] != change["module"] or not (failed(result) or _was_made(result)):
        return False
    if _is_drain(row, host["checked"][number], change):
        return True
    if _end_unknown(result):
        peers = list(_of_peers(hosts, number))
        return not peers or row["changes"] in peers
    return failed(result) and row["outcome"] != "done"


def _is_drain(row: Row, checked: Result, change: Change) -> bool:
    """Whether this is the first write of a haproxy_server that then waits for requests to end."""
    leaves = change["options"].get("state") in ("absent", "drain", "maint")
    if not leaves or change["module"] != "haproxy_server":
        return False
    found = row["changes"] or ()
    drained = {f"pool_{one['name']}" for one in found if one["kind"] == "pool" and _drains(one)}
    return len(found) == 1 and drained == {checked.get("pool")}


def _drains(pool: Mapping[str, Any]) -> bool:
    """Whether servers of a pool went to drain, and nothing else."""
    before, after = pool["before"] or {}, pool["after"] or {}
    states = {slot: {**server, "state": "drain"} for slot, server in before.items()}
    return bool(before.keys() == after.keys()) and all(
        after[slot] in (before[slot], states[slot]) for slot in before
    )


def _of_peers(hosts: Hosts, number: int) -> Iterator[Any]:
    """What the change of this number changed on the hosts that tell of it."""
    for host in hosts.values():
        made = [r["generation"] for r in host.get("applied", ())[number:][:1] if _was_made(r)]
        rows = host.get("past", {}).get("history", ())
        yield from (row["changes"] for row in rows if row["generation"] in made)
