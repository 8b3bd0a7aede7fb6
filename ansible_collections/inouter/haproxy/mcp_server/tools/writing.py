# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One place that turns a call into module tasks: audit, plan and runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import anyio
from mcp.server.mcpserver.exceptions import ToolError

from ansible_collections.inouter.haproxy.plugins.module_utils._model.names import domain_name

from .. import logs
from ..configuration.inventory import Host, Target
from ..problems import ConfigurationProblem, HostProblem
from ..security import audit, identity
from ..security.audit import Ending
from ..site import places
from ..writes.task import HostResult, Task, WriteError
from .additions import replaced
from .arguments import SECRET
from .calls import Call, failures
from .catalog import Entry
from .hints import explained
from .orders import Order, Question
from .results import told

BROKEN = "The module broke down with no message, which is a defect of the collection."
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
    target = await call.found()
    reads = call.site.reads
    shown = audit.shown({**wish.given, "target": target.name, "dry_run": wish.dry_run}, SECRET)
    rows = await audit.begin(reads, target.hosts, who.name, wish.entry.name, shown)
    endings = {host.name: Ending("failed", "The call was broken off.") for host in target.hosts}
    try:
        refusal = wish.refusal if who.may_write else READ_ONLY
        refusal = refusal or _unwritten(rows) or await _replacing(call, wish, target)
        if refusal:
            endings.update((host.name, Ending("refused", refusal)) for host in target.hosts)
            raise ToolError(refusal)
        results = await _results(call, wish, target, endings)
    finally:
        with anyio.CancelScope(shield=True):
            await audit.finish(reads, rows, endings)
    return told(results, wish.dry_run)


async def _replacing(call: Call, wish: Wish, target: Target) -> str:
    """Why a tool that adds must not go on, or nothing: it would replace what is there."""
    if wish.entry.destructive:
        return ""
    try:
        found = [await replaced(call, host, wish.order) for host in target.hosts]
    except (HostProblem, ConfigurationProblem) as error:
        return f"{explained(str(error))} Nothing was changed."
    return next(filter(None, found), "")


def _unwritten(rows: Sequence[audit.Row]) -> str:
    failed = [{"host": r.host.name, "message": explained(r.problem)} for r in rows if r.problem]
    return f"{failures(failed)} Nothing was changed." if failed else ""


async def _results(
    call: Call, wish: Wish, target: Target, endings: dict[str, Ending]
) -> list[HostResult]:
    try:
        results = await _run(call, wish, target)
    except (WriteError, ConfigurationProblem) as error:
        endings.update((host.name, Ending("failed", str(error))) for host in target.hosts)
        raise ToolError(explained(str(error))) from error
    await logs.tell(call.context, results)
    hosts = {host.name: host for host in target.hosts}
    failed = []
    for result in results:
        message = await _problem(call, wish, hosts[result.host], result)
        endings[result.host] = _ending(wish, result, message)
        if message:
            failed.append({"host": result.host, "message": message})
    if failed:
        raise ToolError(_failures(failed, results))
    return results


async def _run(call: Call, wish: Wish, target: Target) -> list[HostResult]:
    """Hosts that get the same options are one run; most often that is all of them."""
    options = _options(call, wish, target.hosts)
    names = tuple(host.name for host in target.hosts)
    if all(option == options[0] for option in options):
        return await call.site.write(_task(wish, options[0], names), call.progress)
    turns = asyncio.Semaphore(call.site.options.workers)
    each = zip(names, options, strict=True)
    runs = (_alone(call, _task(wish, option, (name,)), turns) for name, option in each)
    return await asyncio.gather(*runs)


async def _alone(call: Call, task: Task, turns: asyncio.Semaphore) -> HostResult:
    """One host's result, which tells why there is none: the others' results count."""
    async with turns:
        try:
            (result,) = await call.site.write(task, call.progress)
        except WriteError as error:
            return HostResult(task.hosts[0], "failed", {"msg": str(error)})
    return result


def _task(wish: Wish, options: dict[str, Any], names: tuple[str, ...]) -> Task:
    order = wish.order
    return Task(names, order.full_name, options, wish.dry_run, order.secret, order.seconds)


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


async def _problem(call: Call, wish: Wish, host: Host, found: HostResult) -> str:
    """Why it failed on this host, or nothing."""
    result, message = found.result, ""
    if found.status in ("failed", "unreachable"):
        message = str(result.get("msg") or BROKEN)
    elif wish.dry_run and result.get("changed") and result.get("generation") == 0:
        message = "" if result.get("diff") else await _missing(call, wish, host)
    return explained(message) if message else ""


async def _missing(call: Call, wish: Wish, host: Host) -> str:
    """A playbook's check goes on where an earlier task would add what is missing; a call's not."""
    try:
        for name in _needed(wish.order.arguments):
            await call.ask(host, Question("servers", {"name": name}))
    except (HostProblem, ConfigurationProblem) as error:
        return str(error)
    return ""


def _needed(given: Mapping[str, Any]) -> list[str]:
    """The domains that have to be there already."""
    if "domains" not in given:
        return [str(given.get("share_with") or given.get("domain"))]
    own = {domain_name(item["domain"]) for item in given["domains"]}
    shared = (item.get("share_with") for item in given["domains"])
    return [name for name in shared if name is not None and domain_name(name) not in own]


def _ending(wish: Wish, found: HostResult, message: str) -> Ending:
    if message:
        return Ending("failed", message)
    if wish.dry_run or not found.result.get("changed"):
        return Ending("unchanged", "dry_run" if wish.dry_run else "")
    return Ending("done", f"generation {found.result.get('generation')}")


def _failures(failed: list[dict[str, str]], results: Sequence[HostResult]) -> str:
    names = {one["host"] for one in failed}
    done = [result.host for result in results if result.host not in names]
    return f"{failures(failed)}\nDone on: {', '.join(done)}." if done else failures(failed)
