# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments, and the variables beside them."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from ansible_collections.inouter.haproxy.mcp_server.configuration.options import TOOLSETS, parse
from ansible_collections.inouter.haproxy.mcp_server.problems import ConfigurationProblem


def test_defaults() -> None:
    found = parse([], {})
    assert (found.transport, found.host, found.port) == ("http", "0.0.0.0", 8000)
    assert (found.toolsets, found.converge, found.read_only) == (TOOLSETS, True, False)
    assert found.inventory is None and found.trusted_networks == ()


def test_variables_are_defaults_and_arguments_win(tmp_path: Path) -> None:
    variables = {"MCP_PORT": "1", "MCP_READ_ONLY": "yes", "MCP_TOOLSETS": "servers domains"}
    found = parse(["stdio", "--port", "2", "--inventory", str(tmp_path)], variables)
    assert (found.transport, found.port, found.read_only) == ("stdio", 2, True)
    assert (found.toolsets, found.inventory) == (("domains", "servers"), tmp_path)


def test_lists() -> None:
    words = ["--trusted-networks", "10.0.0.0/8, ::1/128", "--allowed-hosts", "a b"]
    found = parse(words, {"MCP_STATE_KEYS": "k1,k2"})
    assert found.trusted_networks == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert (found.allowed_hosts, found.state_keys) == (("a", "b"), ("k1", "k2"))


def test_secrets_are_not_shown() -> None:
    found = parse([], {"MCP_TOKEN": "s" * 40, "MCP_STATE_KEYS": "k" * 40})
    assert "s" * 40 not in found.tokens and found.tokens.strip().startswith("MCP_TOKEN read,write ")
    assert "k" * 40 not in repr(found) and "sha256" not in repr(found)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--port", "65536"], "--port: '65536' is not a whole number from 0 to 65535"),
        (["--rate-limit", "0"], "--rate-limit"),
        (["--body-limit", "ten"], "--body-limit"),
        (["--toolsets", "domain"], "'domain' is not one of all, domains"),
        (["--trusted-networks", "10.0.0.1/8"], "'10.0.0.1/8' is no network"),
        (["--inventory", "/no/such"], "/no/such does not exist"),
        (["--log-level", "loud"], "'loud' is not one of"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_bad_values(words: list[str], message: str) -> None:
    with pytest.raises(ConfigurationProblem, match=message):
        parse(words, {})
