# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking apart what real HAProxy versions answered."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import FREE, Server
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import replies
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import (
    RuntimeSlot,
    split_replies,
)
from ansible_collections.inouter.haproxy.tests.unit.support.script import VERSIONS, kept_reply

COLUMNS = (
    "# srv_name be_name srv_addr srv_port srv_uweight srv_admin_state srv_op_state srv_check_state"
)


@pytest.mark.parametrize(("state", "under_way"), [("6", False), ("7", True), ("15", True)])
def test_a_check_under_way_is_told(state: str, under_way: bool) -> None:
    slots = replies.slots(f"{COLUMNS}\npool_1_1 pool_1 10.0.0.1 80 1 0 2 {state}")
    assert slots[1, 1].checking is under_way


@pytest.mark.parametrize("version", VERSIONS)
def test_show_servers_state(version: str) -> None:
    free = RuntimeSlot(FREE, up=False, checked=True)
    (reply,) = split_replies(kept_reply(version, "show_servers_state"))
    assert replies.slots(reply) == {
        (1, 1): RuntimeSlot(Server("127.0.0.1", 18081, 7, "ready"), up=True, checked=True),
        (1, 2): RuntimeSlot(Server("::1", 8080, 1, "drain"), up=False, checked=True),
        (1, 3): free,
        (2, 1): RuntimeSlot(Server("2001:db8::1", 8081, 1, "maint"), up=False, checked=True),
        (2, 2): free,
        (2, 3): free,
    }


@pytest.mark.parametrize(
    ("reply", "expected"),
    [("Can't find backend.\n", {}), ("1\n", {}), ("", {}), (f"1\n{COLUMNS}\n", {})],
)
def test_no_slots(reply: str, expected: dict[tuple[int, int], RuntimeSlot]) -> None:
    assert replies.slots(reply) == expected


@pytest.mark.parametrize(
    ("admin", "state"),
    [
        (0x00, "ready"),
        (0x04, "ready"),
        (0x01, "maint"),
        (0x02, "maint"),
        (0x05, "maint"),
        (0x20, "maint"),
        (0x40, "ready"),
        (0x08, "drain"),
        (0x0C, "drain"),
        (0x10, "drain"),
        (0x09, "maint"),
    ],
)
def test_administrative_states(admin: int, state: str) -> None:
    reply = f"1\n{COLUMNS}\npool_1_1 pool_1 10.0.0.1 80 1 {admin} 2 6\n"
    assert replies.slots(reply)[1, 1].server.state == state


@pytest.mark.parametrize(
    ("weight", "admin", "running", "up"),
    [(1, 4, 2, True), (0, 4, 2, False), (1, 12, 2, False), (1, 5, 0, False), (1, 4, 0, False)],
)
def test_up_means_that_it_gets_requests(weight: int, admin: int, running: int, up: bool) -> None:
    reply = f"1\n{COLUMNS}\npool_1_1 pool_1 10.0.0.1 80 {weight} {admin} {running} 6\n"
    assert replies.slots(reply)[1, 1].up is up


@pytest.mark.parametrize(("check_state", "checked"), [(0, False), (6, True), (14, True)])
def test_checked(check_state: int, checked: bool) -> None:
    reply = f"1\n{COLUMNS}\npool_1_1 pool_1 10.0.0.1 80 1 4 2 {check_state}\n"
    assert replies.slots(reply)[1, 1].checked is checked


@given(st.ip_addresses(v=6) | st.ip_addresses(v=6, network="::/96"))
@example(ipaddress.IPv6Address("::1.2.3.4"))
@example(ipaddress.IPv6Address("2001:db8:0:1:1:1:1:1"))
def test_an_address_is_read_in_the_form_in_which_it_is_stored(ip: ipaddress.IPv6Address) -> None:
    shown = socket.inet_ntop(socket.AF_INET6, ip.packed)  # what HAProxy uses
    reply = f"1\n{COLUMNS}\npool_1_1 pool_1 {shown} 80 1 4 2 6\n"
    assert replies.slots(reply)[1, 1].server.ip == str(ip)


@pytest.mark.parametrize(
    "name",
    [
        "web1 web",
        "pool_1_1 web",
        "pool_2_1 pool_1",
        "pool_1_x pool_1",
        "pool_1_² pool_1",
        "pool_²_1 pool_²",
        "my_pool_1_1 my_pool_1",
    ],
)
def test_servers_of_others_are_left_out(name: str) -> None:
    assert replies.slots(f"1\n{COLUMNS}\n{name} 10.0.0.1 80 1 4 2 6\n") == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_show_map(version: str) -> None:
    entries = list(replies.map_entries(split_replies(kept_reply(version, "show_map"))[0]))
    assert [(key, value) for _reference, key, value in entries] == [
        ("example.com", "pool_1"),
        ("*.example.com", "pool_2"),
        ("www.example.com", "pool_1"),
        ("www.example.com", "pool_2"),
    ]
    references = [reference for reference, _key, _value in entries]
    assert all(reference.startswith("0x") for reference in references)
    assert len(set(references)) == 4


def test_a_value_with_spaces_stays_whole() -> None:
    assert list(replies.map_entries("0x1 a.test pool_1 x\n0x2 b.test\n")) == [
        ("0x1", "a.test", "pool_1 x"),
        ("0x2", "b.test", ""),
    ]


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (
            'type=str, case=sensitive, found=yes, idx=tree, key="example.com", value="pool_1",'
            ' type="str"\n',
            "pool_1",
        ),
        ('type=str, case=sensitive, found=yes, idx=tree, key="a", value="", type="str"\n', ""),
        ("type=str, case=sensitive, found=no\n", None),
        ("Unknown map identifier. Please use #<id> or <file>.\n", None),
        ("", None),
    ],
)
def test_get_map(reply: str, value: str | None) -> None:
    assert replies.found_value(reply) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n", [""]),
        ("\n\n\n", ["", "", ""]),
        ("a\nb\n\n\nc\n\n", ["a\nb", "", "c"]),
        ("the end is missing", []),
        ("the end is missing\n", []),
        ("a\n\nthe end is missing\n", ["a"]),
    ],
)
def test_split(text: str, found: list[str]) -> None:
    assert split_replies(text) == found


lines = st.text(st.characters(exclude_characters="\n"), min_size=1)


@given(st.lists(st.lists(lines, max_size=3).map("\n".join)))
def test_split_finds_each_reply_again(sent: list[str]) -> None:
    text = "".join(f"{reply}\n\n" if reply else "\n" for reply in sent)
    assert split_replies(text) == sent
