# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""More domains than prepared pools: HAProxy 3.4 is given new ones while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import children, http
from .lab.http import Answer
from .lab.load import LoadRun, Stream
from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def full(haproxy_binary: Path, tmp_path: Path, named_origins: Start) -> Iterator[Managed]:
    """Give a running HAProxy whose two pools are in use."""
    made = Managed(haproxy_binary, tmp_path / "haproxy", pools=2, slots=3)
    made.start()
    (server,) = named_origins("first.1")
    for name in ("a.test", "b.test"):
        made.module("haproxy_domain", domain=name, **server)
    yield made
    made.process.stop()


def origin(managed: Managed) -> dict[str, Any]:
    """The server that serves."""
    found: dict[str, Any] = managed.module("haproxy_domain_info")["domains"][0]["servers"][0]
    return {"ip": found["ip"], "http_port": found["http_port"]}


@pytest.mark.haproxy("2.8", "3.0", "3.2")
@pytest.mark.parametrize("name", ["haproxy_domain", "haproxy_domains"])
def test_older_ones_name_the_limit_and_the_ways_out(full: Managed, name: str) -> None:
    """Nothing is changed."""
    before = full.truth_without_history(), full.files(), full.runtime()
    new = {"domain": "new.test", "ip": "127.0.0.9"}
    message = full.fails(name, **(new if name == "haproxy_domain" else {"domains": [new]}))
    assert message.startswith("All 2 pools are in use, and one more is needed.")
    assert "share_with" in message and "haproxy_pool_count" in message
    assert "HAProxy 3.4 and newer" in message
    assert (full.truth_without_history(), full.files(), full.runtime()) == before


@pytest.mark.haproxy("3.4")
def test_a_pool_is_made_and_lasts(full: Managed) -> None:
    """Served at once, checked as the others are, there after a restart, and used again."""
    server = origin(full)
    planned = full.check("haproxy_domain", domain="new.test", **server)
    assert planned["pool"] == "pool_3" and full.get("new.test").status == 404
    result = full.module("haproxy_domain", domain="new.test", **server)
    assert (result["pool"], result["verified"]) == ("pool_3", True)
    assert full.get("new.test") == Answer(200, "first\n")
    states = {line.split()[3]: line.split() for line in state_rows(full)}
    assert states["pool_3_1"][13] == states["pool_1_1"][13] == "6", "not checked as pool_1 is"
    full.module("haproxy_config")
    for restart in (full.process.reload, lambda: start_anew(full)):
        restart()
        assert http.poll(full.http, "new.test", until=served)[-1].answer == Answer(200, "first\n")
        assert not full.check("haproxy_state")["changed"]
    full.module("haproxy_domain", domain="new.test", state="absent")
    again = full.module("haproxy_domain", domain="other.test", **server)
    assert again["pool"] == "pool_3"
    settings = full.module("haproxy_instance", pool_count=2)["settings"]
    assert (settings["pool_count"], settings["runtime_pools"]) == (2, 1)


@pytest.mark.haproxy("3.4")
def test_a_pool_that_speaks_tls(haproxy_binary: Path, tmp_path: Path) -> None:
    """What its slots are made with holds a sample fetch, the host that is asked for."""
    options = {"haproxy_pool_options": {"tls": True, "tls_verify": False}}
    managed = Managed(haproxy_binary, tmp_path / "haproxy", pools=1, slots=2, **options)
    managed.start()
    try:
        managed.module("haproxy_domain", domain="a.test", ip="127.0.0.9", http_port=9)
        new = managed.module("haproxy_domain", domain="b.test", ip="127.0.0.9", http_port=9)
        assert (new["pool"], new["verified"]) == ("pool_2", True)
    finally:
        managed.process.stop()


def start_anew(managed: Managed) -> None:
    """Kill HAProxy and start it."""
    managed.process.kill()
    managed.start()


def served(sample: http.Sample) -> bool:
    """Whether a server answered."""
    return sample.answer is not None and sample.answer.status == 200


def state_rows(managed: Managed) -> list[str]:
    """The servers of all pools."""
    lines = managed.ask("show servers state").splitlines()
    return [line for line in lines if line[:1].isdigit() and " " in line]


@pytest.mark.xdist_group("load")
@pytest.mark.haproxy("3.4")
def test_many_pools_are_made_under_load(full: Managed, tmp_path: Path) -> None:
    """Three hundred new pools in one task, and no request is lost."""
    server = origin(full)
    new = [{"domain": f"n{number}.test", "servers": [server]} for number in range(300)]
    hosts = {"a.test": Answer(200, "first\n")}
    with LoadRun(tmp_path, [Stream(full.http, hosts)]) as load:
        result = full.module("haproxy_domains", domains=new)
        done = load.stop()
    assert result["verified"] and (done.socket_errors, done.wrong) == (0, 0)
    assert full.get("n299.test") == Answer(200, "first\n")
    assert not full.check("haproxy_state")["changed"]
    assert not full.module("haproxy_domains", domains=new)["changed"]


@pytest.mark.haproxy("3.4")
def test_a_server_that_is_dead_is_found_out(full: Managed) -> None:
    """Health checks work in a pool that was made."""
    server = origin(full)
    dead = {"ip": "127.0.0.1", "http_port": 1}
    full.module("haproxy_domain", domain="new.test", servers=[server, dead])

    def down() -> bool:
        views = full.module("haproxy_server_info", domain="new.test")["servers"]
        return [view["status"].split()[0] for view in views] == ["UP", "DOWN"]

    children.wait_until(down, 15, "the dead server is found out")
    assert {full.get("new.test") for _request in range(10)} == {Answer(200, "first\n")}


@pytest.mark.haproxy("3.4")
def test_what_haproxy_lacks_is_made(full: Managed) -> None:
    """A prepared pool that was not loaded yet, and a slot that somebody deleted."""
    server = origin(full)
    assert full.module("haproxy_instance", pool_count=4)["reload_needed"]
    assert full.module("haproxy_domain", domain="new.test", pool="pool_4", **server)["verified"]
    assert full.get("new.test") == Answer(200, "first\n")
    full.ask("del server pool_1/pool_1_3")
    added = {"domain": "a.test", "slot": 3, "ip": "127.0.0.9"}
    assert full.module("haproxy_server", **added)["verified"]
    full.module("haproxy_config", state="reloaded")
    assert not full.check("haproxy_state")["changed"]


@pytest.mark.haproxy("3.4")
def test_what_haproxy_refuses_goes_back(full: Managed) -> None:
    """Where the configuration has no such `defaults`, nothing stays."""
    config = full.base_dir / "conf/haproxy.cfg"
    text = config.read_text()
    config.write_text(text.replace("    default-server check", "    default-server nonsense"))
    before = full.truth_without_history(), full.files()
    message = full.fails("haproxy_domain", domain="new.test", ip="127.0.0.9")
    assert "unknown keyword 'nonsense'" in message
    assert (full.truth_without_history(), full.files()) == before
    config.write_text(text)
    assert full.module("haproxy_domain", domain="new.test", ip="127.0.0.9")["pool"] == "pool_3"
    assert not full.check("haproxy_state")["changed"]


def test_a_stopped_haproxy_reads_the_new_pool(full: Managed) -> None:
    """Files and database are enough, on every version."""
    server = origin(full)
    full.process.stop()
    result = full.module("haproxy_domain", domain="new.test", **server)
    assert (result["pool"], result["applied"]) == ("pool_3", False)
    full.start()
    assert http.poll(full.http, "new.test", until=served)[-1].answer == Answer(200, "first\n")
    assert not full.check("haproxy_state")["changed"]
