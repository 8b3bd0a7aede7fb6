# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a fleet's change on each host, for programs and for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .fleet import Host, Hosts, Result, failed, message, problems

DONE, UNCHANGED, WOULD_CHANGE, NOT_TRIED = "done", "unchanged", "would_change", "not_tried"
REFUSED, UNREACHABLE, WENT_BACK, NOT_BACK = "refused", "unreachable", "went_back", "not_back"

_SENTENCES = {
    DONE: "The change is there.",
    UNCHANGED: "It was as asked for already.",
    WOULD_CHANGE: "The change is possible.",
    NOT_TRIED: "Nothing was changed.",
    REFUSED: "Nothing was changed.",
    UNREACHABLE: "Nothing was changed.",
    WENT_BACK: "The change was taken back: it serves what it did before.",
    NOT_BACK: (
        "The change could not be taken back. Mend the host, and bring it to its peers with the"
        " playbook fleet_converge and fleet_source."
    ),
}
_SIDES = ("persisted", "applied", "verified")


def report(hosts: Hosts, all_or_nothing: bool) -> list[dict[str, Any]]:
    """One entry for each host, in their order.

    `ok`, `outcome`, `persisted`, `applied`, `verified` (each of what was asked for, and None where
    nobody knows), `generation`, and `message`, a text for people.
    """
    found = problems(hosts, all_or_nothing)
    blame = f"{', '.join(found)} could not follow." if all_or_nothing and found else ""
    return [_entry(name, host, found.get(name, ""), blame) for name, host in hosts.items()]


def _entry(name: str, host: Host, problem: str, blame: str) -> dict[str, Any]:
    outcome = _outcome(host, problem, bool(blame))
    texts = [problem or blame, _SENTENCES[outcome]]
    if outcome == NOT_BACK:
        texts.append(message(host["back"]))
    return {
        "host": name,
        "ok": not (problem or blame),
        "outcome": outcome,
        **_sides(host, outcome),
        "generation": _generation(host),
        "message": " ".join(text for text in texts if text),
    }


def _outcome(host: Host, problem: str, stopped: bool) -> str:
    applied, back = host.get("applied", ()), host.get("back")
    if back and failed(back):
        return NOT_BACK
    if back and _was_changed(host):
        return WENT_BACK
    changed = _was_changed(host)
    undone = back or (stopped and not changed) or any(failed(result) for result in applied)
    if undone or not applied:
        return _untouched(host, problem, stopped)
    return DONE if changed else UNCHANGED


def _untouched(host: Host, problem: str, stopped: bool) -> str:
    tried = (host.get("start", {}), *host.get("checked", ()), *host.get("applied", ()))
    if any(result.get("unreachable") for result in tried):
        return UNREACHABLE
    if problem:
        return REFUSED
    if stopped:
        return NOT_TRIED
    wanted = [result for result in host.get("checked", ()) if not result.get("persisted")]
    return WOULD_CHANGE if wanted else UNCHANGED


def _was_changed(host: Host) -> bool:
    """Whether a change was made, as far as its result, or going back from it, tells."""
    results = [*host.get("applied", ()), host.get("back") or {}]
    return any(result.get("changed") and not failed(result) for result in results)


def _sides(host: Host, outcome: str) -> dict[str, bool | None]:
    if outcome in (DONE, UNCHANGED):
        last = _lasts(host)
        return {side: all(bool(result.get(side)) for result in last) for side in _SIDES}
    if outcome == NOT_BACK:
        return dict.fromkeys(_SIDES)
    return dict.fromkeys(_SIDES, False)


def _lasts(host: Host) -> list[Result]:
    for step in ("verified", "applied", "checked"):
        if host.get(step):
            return list(host[step])
    return []


def _generation(host: Host) -> int | None:
    results: list[Mapping[str, Any]] = [
        host.get("back") or {},
        *reversed(host.get("verified", ())),
        *reversed(host.get("applied", ())),
        *reversed(host.get("checked", ())),
        host.get("start", {}).get("standing", {}),
    ]
    known = (r["generation"] for r in results if r.get("generation") and not failed(r))
    return next(known, None)


def told(entries: list[dict[str, Any]]) -> list[str]:
    """The report as lines for people."""
    return [f"{entry['host']}: {', '.join(_words(entry))}. {entry['message']}" for entry in entries]


def _words(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from (_yes_or_no(entry, side) for side in _SIDES)
    if entry["generation"] is not None:
        yield f"at generation {entry['generation']}"


def _yes_or_no(entry: Mapping[str, Any], side: str) -> str:
    value = entry[side]
    if value is None:
        return f"{side} unknown"
    return side if value else f"not {side}"
