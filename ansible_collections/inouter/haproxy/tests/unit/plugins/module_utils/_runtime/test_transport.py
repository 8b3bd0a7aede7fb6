# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One exchange with HAProxy's socket, and what is said where it does not come about."""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    NotRunning,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.transport import (
    Address,
    exchange,
    parse_address,
    shown,
)
from ansible_collections.inouter.haproxy.tests.unit.support.script import Script
from ansible_collections.inouter.haproxy.tests.unit.support.sockets import LineServer
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import any_text

LONG = "x" * 300000 + "\n\n"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/admin.sock", "/run/admin.sock"),
        ("/run/odd:80", "/run/odd:80"),
        ("127.0.0.1:9999", ("127.0.0.1", 9999)),
        ("localhost:1", ("localhost", 1)),
        (f"{'a' * 63}.b-1:1", (f"{'a' * 63}.b-1", 1)),
        ("/run/a b", "/run/a b"),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_parse_address(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "run/admin.sock",
        "localhost",
        ":80",
        "a:",
        "a:0",
        "a:65536",
        "a:-1",
        "a:+1",
        "a:٣",
        "a:8 0",
        "a b:80",
        "a_b:80",
        "ä:80",
        "a/b:80",
        "a\n:80",
        "a..b:80",
        ".a:80",
        f"a.{'b' * 64}:80",
        "/run/\ud800",
        "/run/é",
        "/run/a\0b",
        "/run/a\n",
    ],
)
def test_other_addresses_are_refused_by_option_and_value(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_address(text)
    assert str(caught.value).startswith(f"runtime_api: {text!r} is not a Runtime API address.")


@given(any_text | st.text("a:[]/0123", max_size=12))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except InvalidInput:
        return
    assert address == text or 1 <= int(address[1]) <= 65535


def test_shown() -> None:
    assert shown("/run/admin.sock") == "/run/admin.sock"
    assert shown(("127.0.0.1", 9999)) == "127.0.0.1:9999"


@pytest.mark.parametrize("address", [("127.0.0.1", 0), ("::1", 0), "unix"])
def test_one_line_out_and_all_of_the_answer_in(tmp_path: Path, address: Address) -> None:
    place = str(tmp_path / "s") if address == "unix" else address
    script = Script(("show info", LONG), ("show version", "3.2.26-1\n\n"))
    with LineServer(place, script) as server:
        assert exchange(server.address, "show info;show version", 5) == LONG + "3.2.26-1\n\n"
    assert server.lines == ["show info;show version"]
    script.end()


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    with LineServer(str(tmp_path / "s"), lambda line: b"a\xffb\n\n") as server:
        assert exchange(server.address, "show info", 5) == "a\ufffdb\n\n"


def test_no_socket_means_that_none_runs(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with pytest.raises(NotRunning, match=r"^No HAProxy listens at .*/s \(No such file"):
        exchange(path, "show info", 5)


def test_a_forgotten_socket_means_that_none_runs(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as forgotten:
        forgotten.bind(path)
    with pytest.raises(NotRunning, match=r"\(Connection refused\)"):
        exchange(path, "show info", 5)


def test_a_closed_port_means_that_none_runs() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(NotRunning, match=rf"at 127\.0\.0\.1:{port} \(Connection refused\)"):
            exchange(("127.0.0.1", port), "show info", 5)


@pytest.mark.parametrize("address", [("127.0.0.1", 0), "unix"])
def test_silence_is_said_with_its_likely_cause(tmp_path: Path, address: Address) -> None:
    place = str(tmp_path / "s") if address == "unix" else address
    expected = pytest.raises(Unusable, match=r"did not answer within 0\.05 s\. .*stats maxconn")
    with expected, LineServer(place, lambda line: None) as server:
        exchange(server.address, "show info", 0.05)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_no_permission_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def connect(_self: socket.socket, _address: Address) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unusable, match=r"/run/s may not be used by this user \(.*\(become\)"):
        exchange("/run/s", "show info", 5)


def test_another_failure_is_said_in_the_words_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"failed: .*AF_UNIX path too long"):
        exchange(f"/{'x' * 200}", "show info", 5)
    with pytest.raises(Unusable, match="failed: "):
        exchange(("name.invalid", 80), "show info", 5)


def test_a_socket_is_closed_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []

    def connect(self: socket.socket, _address: Address) -> None:
        opened.append(self)
        raise OSError(errno.EACCES, "no")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unusable):
        exchange("/run/s", "show info", 5)
    assert [connection.fileno() for connection in opened] == [-1]


@pytest.mark.parametrize("line", ["show version;get map /m a.test", "show version;add map /m a b"])
def test_what_only_reads_is_asked_again_where_it_was_cut_off(line: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_cut_off_and_answer, args=(listener,), daemon=True)
        server.start()
        address = listener.getsockname()
        if "add" in line:
            with pytest.raises(Unusable, match="reset by peer"):
                exchange(address, line, 5)
            assert exchange(address, "show version", 5) == "3.2\n\n"
        else:
            assert exchange(address, line, 5) == "3.2\n\n"
        server.join(5)


def _cut_off_and_answer(listener: socket.socket) -> None:
    """Reset the first connection, and answer the second one."""
    first, _peer = listener.accept()
    first.recv(100)
    first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    first.close()
    second, _peer = listener.accept()
    with second:
        second.recv(100)
        second.sendall(b"3.2\n\n")
