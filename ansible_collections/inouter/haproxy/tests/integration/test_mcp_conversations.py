# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that take more than a question and an answer: consent, progress, and stdio to its end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ElicitResult, LoggingLevel, LoggingMessageNotificationParams

from .lab.http import Answer
from .lab.managed import ROOT
from .lab.mcp import answer_of, environment, stdio_command, text_of
from .lab.mcp_site import McpSite
from .lab.mcp_talk import LEGACY, Talk
from .lab.origins import SlowOrigin

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-conversations"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def site(site: McpSite) -> McpSite:
    """Give a server with its host and one domain."""
    site.managed.module("haproxy_domain", domain="a.test", **site.origin("one"))
    return site


async def _remove(client: Client, **more: bool) -> Any:
    return await client.call_tool("haproxy_remove_domain", {"domain": "e.test", **more})


def asking(answers: list[ElicitResult], asked: list[str]) -> Any:
    """A user who gives one answer after the other."""

    async def ask(_context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return answers[len(asked) - 1]

    return ask


def test_the_user_is_asked(talk: Talk, site: McpSite) -> None:
    """A client that can ask its user does; only a clear yes removes anything."""
    site.managed.module("haproxy_domain", domain="e.test", **site.origin("two"))
    noes = [
        ElicitResult(action="accept", content={"go_on": False}),
        ElicitResult(action="decline"),
        ElicitResult(action="cancel"),
    ]
    yes = ElicitResult(action="accept", content={"go_on": True})
    asked: list[str] = []

    async def use(client: Client) -> Any:
        for _no in noes:
            assert text_of(await _remove(client)) == "The user said no. Nothing was changed."
            assert await asyncio.to_thread(site.get, "e.test") == Answer(200, "two\n")
            assert site.calls()[-1].outcome == "refused"
        return await _remove(client)

    result = talk(use, elicitation_callback=asking([*noes, yes], asked))
    assert asked == ["Remove a domain? (domain='e.test')"] * 4
    assert answer_of(result)["changed"] and site.get("e.test").status == 404


def test_an_agent_cannot_answer_for_its_user(talk: Talk, site: McpSite) -> None:
    """Where the user can be asked, confirm=true takes no question away."""
    site.managed.module("haproxy_domain", domain="e.test", **site.origin("two"))
    asked: list[str] = []

    async def use(client: Client) -> Any:
        return await _remove(client, confirm=True)

    result = talk(use, elicitation_callback=asking([ElicitResult(action="decline")], asked))
    assert text_of(result) == "The user said no. Nothing was changed." and len(asked) == 1
    assert site.get("e.test").body == "two\n"


def test_a_client_that_cannot_ask(talk: Talk, site: McpSite) -> None:
    """It is told to ask, and to confirm; a dry run needs neither, nor the same connection."""
    site.managed.module("haproxy_domain", domain="e.test", **site.origin("two"))
    result = talk(_remove)
    assert result.is_error and "haproxy_remove_domain again with confirm=true" in text_of(result)
    assert site.get("e.test").body == "two\n" and site.calls()[-1].outcome == "refused"
    wish = {"domain": "e.test", "dry_run": True}
    planned = answer_of(talk(lambda client: client.call_tool("haproxy_remove_domain", wish)))
    assert planned["changed"] and planned["plan_id"]
    wish = {"domain": "e.test", "confirm": True, "plan_id": planned["plan_id"]}
    assert answer_of(talk(lambda client: client.call_tool("haproxy_remove_domain", wish)))[
        "changed"
    ]
    assert site.get("e.test").status == 404


def test_progress(talk: Talk, site: McpSite) -> None:
    """A wait tells who is waited for, with a number that only rises, and when it is over."""
    slow = SlowOrigin(5)
    slow.start()
    server = {"ip": slow.address[0], "http_port": slow.address[1]}
    site.managed.module("haproxy_domain", domain="slow.test", **server)
    told: list[tuple[float, str]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    async def use(client: Client) -> Any:
        await client.call_tool("haproxy_list_servers", {"domain": "slow.test"})
        asking = asyncio.create_task(asyncio.to_thread(site.get, "slow.test"))
        await asyncio.sleep(0.5)
        drain = {"domain": "slow.test", "state": "drain"}
        await asyncio.to_thread(lambda: site.managed.module("haproxy_server", **drain))
        wish = {"domain": "slow.test", "timeout": 20}
        result = await client.call_tool("haproxy_wait_drain", wish, progress_callback=note)
        await asyncio.wait([asking])
        return result

    try:
        answer = answer_of(talk(use))["hosts"][0]
    finally:
        slow.stop()
        site.managed.module("haproxy_domain", domain="slow.test", state="absent")
    assert answer["drained"] and 0 < answer["waited_sec"] < 20
    numbers = [number for number, _message in told]
    assert numbers == sorted(set(numbers)) and len(numbers) > 1
    assert all("requests under way (pool_" in message for _number, message in told)


@pytest.mark.parametrize(("level", "told"), [("info", ["info"]), ("error", [])])
def test_log_messages(
    talk: Talk, site: McpSite, level: LoggingLevel, told: list[LoggingLevel]
) -> None:
    """Who asks for messages gets those of the level that it asked for, in either era."""
    heard: list[LoggingMessageNotificationParams] = []

    async def note(message: LoggingMessageNotificationParams) -> None:
        heard.append(message)

    async def use(client: Client) -> Any:
        if talk.mode == LEGACY:
            with pytest.warns(MCPDeprecationWarning):
                await client.set_logging_level(level)
        wish = {"domain": "logged.test", "ip": "127.0.0.1", "dry_run": True}
        return await client.call_tool("haproxy_add_domain", wish)

    asked = {} if talk.mode == LEGACY else {"log_level": level}
    assert not talk(use, logging_callback=note, **asked).is_error
    assert [message.level for message in heard] == told
    assert all(message.data == "lb1: changed" for message in heard)


def test_nothing_but_the_protocol_on_stdout(site: McpSite) -> None:
    """On stdio every line is a message, whatever happens, and the server ends with its input."""

    async def run() -> tuple[bytes, bytes, int | None]:
        pipe = asyncio.subprocess.PIPE
        words = stdio_command("--inventory", site.inventory)
        child = await asyncio.create_subprocess_exec(
            *words,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=ROOT,
            env=environment(LOG_LEVEL="DEBUG"),
        )
        assert child.stdin and child.stdout and child.stderr
        for message in (
            {
                "id": 1,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-11-25",
                    "capabilities": {},
                    "clientInfo": {"name": "test", "version": "1"},
                },
            },
            {"method": "notifications/initialized"},
            {
                "id": 2,
                "method": "tools/call",
                "params": {
                    "name": "haproxy_add_domain",
                    "arguments": {"domain": "io.test", "ip": "127.0.0.1", "dry_run": True},
                },
            },
        ):
            child.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        out = b""
        while b'"id":2' not in out.replace(b" ", b""):
            out += await asyncio.wait_for(child.stdout.readline(), 60)
        child.stdin.close()
        rest, err = await asyncio.wait_for(
            asyncio.gather(child.stdout.read(), child.stderr.read()), 60
        )
        return out + rest, err, await child.wait()

    out, err, code = asyncio.run(run())
    messages = [json.loads(line) for line in out.splitlines()]
    assert [m["id"] for m in messages if "id" in m] == [1, 2] and code == 0
    assert not messages[-1]["result"].get("isError")
    assert b"calls haproxy_add_domain" in err and b"Traceback" not in err
