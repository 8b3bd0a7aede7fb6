# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers: addresses, numbers, states and the names of pools and slots."""

from __future__ import annotations

import contextlib
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import (
    FREE,
    Server,
    pool_name,
    pool_number,
    server_ip,
    server_state,
    slot_name,
    whole_number,
)
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import any_text


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::1", "::1"),
        ("fe80::1", "fe80::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("192.0.2.2", "192.0.2.2"),
    ],
)
def test_good_addresses(written: str, stored: str) -> None:
    assert server_ip(written) == stored


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "is not an IP address"),
        ("localhost", "is not an IP address"),
        ("10.0.0.1:80", "is not an IP address"),
        ("[::1]", "is not an IP address"),
        ("10.0.0.0/8", "is not an IP address"),
        ("10.0.0.256", "is not an IP address"),
        ("10.0.0.01", "is not an IP address"),
        (" 10.0.0.1", "is not an IP address"),
        ("10.0.0.1\n", "is not an IP address"),
        ("10.0.0.1;show info", "is not an IP address"),
        ("unix@/run/x", "is not an IP address"),
        ("0.0.0.0", "is not the address of one host"),
        ("::", "is not the address of one host"),
        ("::ffff:0.0.0.0", "is not the address of one host"),
        ("224.0.0.1", "is not the address of one host"),
        ("ff02::1", "is not the address of one host"),
        ("255.255.255.255", "is not the address of one host"),
        ("fe80::1%eth0", "has a zone"),
        ("192.0.2.1", "is the mark of a free slot"),
        ("::ffff:192.0.2.1", "is the mark of a free slot"),
    ],
)
def test_bad_addresses_are_refused_by_option_and_value(written: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        server_ip(written, "servers[1].ip")
    assert str(caught.value).startswith(f"servers[1].ip: {written!r} {words}")


@given(any_text | st.text("0123456789abcdef:.%[]/ ", max_size=45))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        ip = server_ip(text)
    except InvalidInput as error:
        assert str(error).startswith(f"ip: {text!r} ")
        return
    assert server_ip(ip) == ip == str(ipaddress.ip_address(ip))


@pytest.mark.parametrize("value", [0, 1, 80, 65535])
def test_whole_numbers_in_range(value: int) -> None:
    assert whole_number(value, "http_port", 0, 65535) == value


@pytest.mark.parametrize("value", [-1, 65536, 99999, True, False, 80.0, "80", None, float("nan")])
def test_other_numbers_are_refused_by_option_and_value(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        whole_number(value, "servers[0].http_port", 0, 65535)
    expected = f"servers[0].http_port: {value!r} is out of range. A whole number from 0 to 65535"
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize("state", ["ready", "drain", "maint"])
def test_good_states(state: str) -> None:
    assert server_state(state) == state


@pytest.mark.parametrize("state", ["", "READY", "up", "ready ", "ready;show info", None])
def test_other_states_are_refused_by_option_and_value(state: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        server_state(state, "servers[0].state")
    assert str(caught.value).startswith(f"servers[0].state: {state!r} is not a server's state.")
    assert str(caught.value).endswith("One of: ready, drain, maint")


@given(st.integers(1, 999999))
def test_a_pool_name_and_its_number_go_together(number: int) -> None:
    assert pool_number(pool_name(number)) == number


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pool",
        "pool_",
        "pool_0",
        "pool_01",
        "pool_-1",
        "pool_1_1",
        "POOL_1",
        " pool_1",
        "pool_1\n",
    ],
)
def test_other_pool_names_are_refused_by_option_and_value(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pool_number(name, "pool")
    assert str(caught.value).startswith(f"pool: {name!r} is not a pool.")


@given(any_text)
def test_any_text_is_a_pool_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert pool_name(pool_number(text)) == text


def test_slot_names() -> None:
    assert slot_name(5, 1) == "pool_5_1"


@pytest.mark.parametrize(
    ("ip", "address"), [("10.0.0.1", "10.0.0.1:8080"), ("2001:db8::1", "[2001:db8::1]:8080")]
)
def test_address_is_written_as_a_configuration_needs_it(ip: str, address: str) -> None:
    assert Server(ip, 8080).address == address


def test_a_free_slot_points_to_nowhere_in_maintenance() -> None:
    assert Server("192.0.2.1", 80, 1, "maint") == FREE


def test_a_new_server_is_ready_on_port_80_with_weight_1() -> None:
    assert Server("10.0.0.1") == Server("10.0.0.1", 80, 1, "ready")
