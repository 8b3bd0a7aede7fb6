# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One place that turns a call into module tasks: audit, plan, runs, results."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mcp.server.mcpserver.exceptions import ToolError

from ansible_collections.inouter.haproxy.plugins.module_utils._module.plan import plan_id

from ..configuration.inventory import Host
from ..problems import ConfigurationProblem
from ..security import audit, identity
from ..security.audit import Ending
from ..site import places
from ..writes.task import HostResult, Task, WriteError
from .arguments import SECRET
from .calls import Call, failures
from .catalog import Entry
from .hints import explained
from .orders import Order

_TOLD = ("changed", "persisted", "applied", "verified", "generation", "diff", "warnings")
_OF_ANSIBLE = ("invocation", "deprecations", "failed", "msg", "exception", "ansible_facts")
READ_ONLY = "This token may only read. Nothing was changed."


class Wish(NamedTuple):
    """What a caller asks for.

    :param refusal: why it must not be done, or nothing
    """

    entry: Entry
    order: Order
    given: Mapping[str, Any]
    dry_run: bool = False
    plan_id: str = ""
    refusal: str = ""


async def carry_out(call: Call, wish: Wish) -> dict[str, Any]:
    """Do it on every host of the target, and write down who asked for what and how it ended.

    Raises ToolError where it was refused, or where any host failed.
    """
    who = identity.caller(call.context.request_context.request)
    hosts = await call.hosts()
    reads = call.site.reads
    shown = audit.shown({**wish.given, "target": call.target}, SECRET)
    rows = await audit.begin(reads, hosts, who.name, wish.entry.name, shown)
    endings = {host.name: Ending("failed", "The call was broken off.") for host in hosts}
    try:
        refusal = wish.refusal if who.may_write else READ_ONLY
        refusal = refusal or _unwritten(rows)
        if refusal:
            endings.update((host.name, Ending("refused", refusal)) for host in hosts)
            raise ToolError(refusal)
        results = await _results(call, wish, hosts, endings)
    finally:
        await asyncio.shield(audit.finish(reads, rows, endings))
    return _told(wish, results)


def _unwritten(rows: Sequence[audit.Row]) -> str:
    failed = [{"host": r.host.name, "message": explained(r.problem)} for r in rows if r.problem]
    return f"{failures(failed)} Nothing was changed." if failed else ""


async def _results(
    call: Call, wish: Wish, hosts: Sequence[Host], endings: dict[str, Ending]
) -> list[HostResult]:
    try:
        results = await _run(call, wish, hosts)
    except (WriteError, ConfigurationProblem) as error:
        endings.update((host.name, Ending("failed", str(error))) for host in hosts)
        raise ToolError(explained(str(error))) from error
    endings.update((result.host, _ending(wish, result)) for result in results)
    problems = [_problem(wish, result) for result in results]
    failed = [problem for problem in problems if problem["message"]]
    if failed:
        raise ToolError(_told_failures(failed, results))
    return results


async def _run(call: Call, wish: Wish, hosts: Sequence[Host]) -> list[HostResult]:
    """Hosts that get the same options are one run; most often that is all of them."""
    alike: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for host, options in zip(hosts, _options(call, wish, hosts), strict=True):
        alike.setdefault(repr(options), (options, []))[1].append(host.name)
    if len(alike) == 1:
        options, names = next(iter(alike.values()))
        target = names[0] if len(names) == 1 else call.target or call.site.inventory.target
        if target:
            return await _task(call, wish, target, options, names)
    alone = [(options, name) for options, names in alike.values() for name in names]
    runs = (_task(call, wish, name, options, [name]) for options, name in alone)
    return [result for found in await asyncio.gather(*runs) for result in found]


async def _task(
    call: Call, wish: Wish, target: str, options: dict[str, Any], names: list[str]
) -> list[HostResult]:
    order = wish.order
    task = Task(target, order.full_name, options, wish.dry_run, order.secret, order.seconds)
    return await call.site.write(task, names, call.progress)


def _options(call: Call, wish: Wish, hosts: Sequence[Host]) -> list[dict[str, Any]]:
    plans = wish.plan_id.split(".") if wish.plan_id else [""] * len(hosts)
    if len(plans) != len(hosts):
        raise ConfigurationProblem(
            f"plan_id is a plan for {len(plans)} hosts, but the target has {len(hosts)}. Call the"
            " tool again with dry_run=true."
        )
    common = {**call.site.defaults(wish.order.module), **wish.order.given()}
    return [
        {**places(host), **common, **({"plan_id": plan} if plan else {})}
        for host, plan in zip(hosts, plans, strict=True)
    ]


def _problem(wish: Wish, found: HostResult) -> dict[str, str]:
    """The host's error, or no message."""
    result, message = found.result, ""
    if found.status in ("failed", "unreachable"):
        message = str(result.get("msg") or found.status)
    elif wish.dry_run and result.get("warnings") and not result.get("generation"):
        # A playbook's check goes on where an earlier task would have added the domain.
        message = str(result["warnings"][0]).partition(" An earlier task")[0]
    return {"host": found.host, "message": explained(message) if message else ""}


def _ending(wish: Wish, found: HostResult) -> Ending:
    message = _problem(wish, found)["message"]
    if message:
        return Ending("failed", message)
    if wish.dry_run or not found.result.get("changed"):
        return Ending("unchanged", "dry_run" if wish.dry_run else "")
    return Ending("done", f"generation {found.result.get('generation')}")


def _told_failures(failed: list[dict[str, str]], results: Sequence[HostResult]) -> str:
    text = failures(failed)
    names = {one["host"] for one in failed}
    done = [result.host for result in results if result.host not in names]
    return f"{text}\nDone on: {', '.join(done)}." if done else text


def _told(wish: Wish, results: Sequence[HostResult]) -> dict[str, Any]:
    plan = ".".join(plan_id(found.result) for found in results) if wish.dry_run else None
    return {
        "changed": any(found.result.get("changed") for found in results),
        "dry_run": wish.dry_run,
        "plan_id": plan,
        "hosts": [_change(found) for found in results],
    }


def _change(found: HostResult) -> dict[str, Any]:
    result = found.result
    told = {name: result.get(name) for name in ("persisted", "applied", "verified", "generation")}
    return {
        "host": found.host,
        "changed": bool(result.get("changed")),
        **told,
        "diff": _diff(result.get("diff") or []),
        "details": {n: v for n, v in result.items() if n not in (*_TOLD, *_OF_ANSIBLE)},
        "warnings": [str(warning) for warning in result.get("warnings", [])],
    }


def _diff(diff: Any) -> list[dict[str, str]]:
    parts = diff if isinstance(diff, list) else [diff]
    return [
        {"title": part.get("before_header", ""), "before": part["before"], "after": part["after"]}
        for part in parts
    ]
