# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK's client over HTTP and stdio, in both eras of the protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference, TextResourceContents

from .lab.mcp import answer_of
from .lab.mcp_site import McpSite
from .lab.mcp_talk import Talk

pytestmark = [
    pytest.mark.haproxy("3.2"),
    pytest.mark.xdist_group("mcp-clients"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def site(site: McpSite) -> McpSite:
    """Give a server with its host and one domain."""
    site.managed.module("haproxy_domain", domain="a.test", **site.origin("one"))
    return site


def test_everything_is_listed(talk: Talk) -> None:
    """35 tools in a fixed order, each described; resources, prompts; and a call that works."""

    async def use(client: Client) -> tuple[Any, ...]:
        return (
            (await client.list_tools()).tools,
            (await client.list_resources()).resources,
            (await client.list_resource_templates()).resource_templates,
            (await client.list_prompts()).prompts,
            answer_of(await client.call_tool("haproxy_list_domains", {})),
        )

    tools, resources, templates, prompts, answer = talk(use)
    assert len(tools) == 35
    for tool in tools:
        hints = tool.annotations
        assert None not in (hints.read_only_hint, hints.destructive_hint)
        assert None not in (hints.idempotent_hint, hints.open_world_hint)
        assert tool.title and len(tool.description) > 60 and tool.output_schema
        assert tool.input_schema["additionalProperties"] is False
        described = tool.input_schema["properties"].values()
        assert all(argument["description"] for argument in described)
    assert {str(resource.uri) for resource in resources} == {
        f"haproxy://{name}" for name in ("domains", "backends", "config", "history")
    }
    assert [template.uri_template for template in templates] == ["haproxy://domains/{domain}"]
    assert len(prompts) == 3 and all(prompt.description for prompt in prompts)
    assert [domain["domain"] for domain in answer["hosts"][0]["domains"]] == ["a.test"]


def test_resources(talk: Talk, site: McpSite) -> None:
    """Each can be read; secrets of the configuration are hidden; an unknown one is an error."""
    config = site.managed.base_dir / "conf/haproxy.cfg"
    good = config.read_text()
    config.write_text(f"{good}\nuserlist u\n    user admin insecure-password hunter2secret\n")

    async def use(client: Client) -> dict[str, str]:
        names = ("domains", "domains/a.test", "backends", "config", "history")
        found = {}
        for name in names:
            (content,) = (await client.read_resource(f"haproxy://{name}")).contents
            assert isinstance(content, TextResourceContents)
            found[name] = content.text
        for unknown in ("haproxy://domains/no.test", "haproxy://nothing"):
            with pytest.raises(MCPError) as caught:
                await client.read_resource(unknown)
            assert caught.value.error.code == -32602
        return found

    found = talk(use)
    config.write_text(good)
    assert json.loads(found["domains"])[0]["domains"][0]["domain"] == "a.test"
    assert json.loads(found["domains/a.test"])[0]["status"] == "healthy"
    assert {"pool_1", "unknown"} <= {
        row["pxname"] for row in json.loads(found["backends"])[0]["rows"]
    }
    assert "insecure-password (hidden)" in found["config"] and "hunter2" not in found["config"]
    (history,) = json.loads(found["history"])
    assert history["changes"][-1]["action"] and isinstance(history["calls"], list)


def test_prompts_and_completion(talk: Talk) -> None:
    """Prompts name the tools to call; names are completed from what the host has."""
    template = ResourceTemplateReference(uri="haproxy://domains/{domain}")
    drain = PromptReference(name="drain_server")

    async def use(client: Client) -> tuple[Any, ...]:
        words = {"domain": "a.test", "ip": "10.0.0.1"}
        return (
            await client.get_prompt("add_domain_with_certificate", words),
            await client.get_prompt("drain_server", {"domain": "a.test", "server": "pool_1_1"}),
            await client.get_prompt("investigate_5xx", {"domain": "a.test"}),
            await client.complete(template, {"name": "domain", "value": "a."}),
            await client.complete(drain, {"name": "server", "value": "pool_1_"}),
            await client.complete(drain, {"name": "domain", "value": "zz"}),
        )

    *prompts, domains, servers, none = talk(use)
    for prompt, tool in zip(prompts, ("issue_cert", "wait_drain", "backends"), strict=True):
        assert f"haproxy_{tool}" in prompt.messages[0].content.text
    assert domains.completion.values == ["a.test"]
    assert servers.completion.values == ["pool_1_1"] and none.completion.values == []


def test_errors_of_the_protocol(talk: Talk) -> None:
    """An unknown tool or prompt is -32602, and says which there are."""

    async def use(client: Client) -> list[str]:
        found = []
        for ask in (client.call_tool("haproxy_nothing", {}), client.get_prompt("nothing", {})):
            with pytest.raises(MCPError) as caught:
                await ask
            assert caught.value.error.code == -32602
            found.append(caught.value.error.message)
        return found

    tool, prompt = talk(use)
    assert "haproxy_list_domains" in tool and "drain_server" in prompt
