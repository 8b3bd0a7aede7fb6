# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of a write: one task, and each text that was sent marked as no template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.mcp_server.writes.playbook import playbook
from ansible_collections.inouter.haproxy.mcp_server.writes.task import Task, TaskFailed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Marked(str):
    """A text that was read with the tag."""


class Loader(yaml.SafeLoader):
    """Reads the tag that Ansible never templates."""


Loader.add_constructor("!unsafe", lambda loader, node: Marked(node.value))


def read(task: Task) -> dict[str, Any]:
    """The play as Ansible would read it."""
    (play,) = yaml.load(playbook(task, Path("/results")), Loader=Loader)  # noqa: S506 - its own tag
    found: dict[str, Any] = play
    return found


def texts(value: Any) -> list[str]:
    """All texts of a value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@given(st.dictionaries(st.text(), VALUES))
def test_arguments_come_back_as_they_were_and_marked(arguments: dict[str, Any]) -> None:
    write = read(Task(("lb",), "a.b.c", arguments))["tasks"][0]["haproxy_write"]
    assert write["arguments"] == arguments
    assert all(isinstance(text, Marked) for text in texts(write["arguments"]))


def test_check_and_secret_are_set_on_the_task() -> None:
    task = read(Task(("lb",), "a.b.c", {}, check=True, secret=True, timeout=7))["tasks"][0]
    assert (task["check_mode"], task["no_log"], task["diff"]) == (True, True, True)
    assert task["haproxy_write"]["timeout"] == 7
    plain = read(Task(("lb",), "a.b.c", {}))["tasks"][0]
    assert (plain["check_mode"], plain["no_log"]) == (False, False)


@pytest.mark.parametrize("host", ["lb", "lb-1.example.com", "lbs_2", "192.0.2.1", "2001:db8::1"])
def test_a_name_or_an_address_is_a_host(host: str) -> None:
    assert read(Task((host, "other"), "a.b.c", {}))["hosts"] == [host, "other"]


@pytest.mark.parametrize("host", ["", "a,b", "a:b", "all:!b", "~a", "a*", "a[0]", "{{ a }}", "a\n"])
def test_a_pattern_is_no_host(host: str) -> None:
    with pytest.raises(TaskFailed, match="is no name of a host"):
        read(Task(("lb", host), "a.b.c", {}))
