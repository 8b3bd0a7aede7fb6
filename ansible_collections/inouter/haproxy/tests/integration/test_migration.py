# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over what the original system left, while its HAProxy serves on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab.http import Answer
from .lab.load import LoadRun, Stream
from .lab.managed import render_config
from .lab.original import Original

Start = Callable[..., list[dict[str, Any]]]
TASK = {"state": "migrated"}
EXPECTED = {
    "a.test": Answer(200, "a\n"),
    "www.a.test": Answer(200, "a\n"),
    "b.test": Answer(200, "b\n"),
    "x.w.test": Answer(200, "b\n"),
}


@pytest.fixture
def original(haproxy_binary: Path, tmp_path: Path, named_origins: Start) -> Iterator[Original]:
    """Give a host of the original system that serves, with none of its files but the maps."""
    a1, a2, b = named_origins("a.1", "a.2", "b.1")
    made = Original(haproxy_binary, tmp_path / "haproxy", [a1, a2], [b])
    yield made
    made.process.stop()


def of_used(managed: Original) -> list[str]:
    """The lines of the runtime that say where requests go."""
    return [line for line in managed.runtime() if "0.0.0.0" not in line and "192.0.2.1" not in line]


FILES: dict[str, Callable[[Original], None]] = {
    "database": lambda host: host.write_database(),
    "other columns": lambda host: host.write_database(
        backend="pool", port="port", shares="share_with"
    ),
    "json": lambda host: host.write_json(),
}


@pytest.mark.xdist_group("load")
@pytest.mark.parametrize("files", FILES)
def test_traffic_does_not_notice(original: Original, tmp_path: Path, files: str) -> None:
    """Addresses and pools stay, nothing is lost, and the role's configuration serves the same."""
    FILES[files](original)
    before = of_used(original)
    streams = [Stream(original.http, EXPECTED), Stream(original.http, EXPECTED, keep_alive=False)]
    with LoadRun(tmp_path / "load", streams) as load:
        checked = original.check("haproxy_state", **TASK)
        assert checked["changed"] and not (original.base_dir / "data/migrated").exists()
        done = original.module("haproxy_state", **TASK)
        result = load.until_requests(2000)
    assert (result.socket_errors, result.wrong) == (0, 0)
    assert done["verified"] and checked["entries"] == done["entries"]
    assert of_used(original) == before
    assert not original.module("haproxy_state", **TASK)["changed"]
    domains = original.module("haproxy_domain_info")["domains"]
    assert {d["domain"]: (d["pool"], d["share_with"]) for d in domains} == {
        "*.w.test": ("pool_7", "b.test"),
        "a.test": ("pool_3", None),
        "b.test": ("pool_7", None),
        "www.a.test": ("pool_3", "a.test"),
    }
    kept = {path.name for path in (original.base_dir / "data/migrated").iterdir()}
    assert {"domains.map", "wildcards.map"} < kept
    config = render_config(
        original.process.binary, original.base_dir, ["{}:{}".format(*original.http)]
    )
    original.write("haproxy.cfg", config)
    original.process.reload()
    assert of_used(original) == before
    assert {name: original.get(name) for name in EXPECTED} == EXPECTED
    assert original.module("haproxy_state_info")["drift"]["converged"]


@pytest.mark.haproxy("3.2")
def test_what_came_after_stays(original: Original) -> None:
    """It is done once: files that are still there do not take back what was changed since."""
    original.write_json()
    original.module("haproxy_state", **TASK)
    original.module("haproxy_domain", domain="b.test", ip="127.0.0.9")
    right = original.snapshot()
    assert not original.module("haproxy_state", **TASK)["changed"]
    assert original.snapshot() == right


def spoil_servers(host: Original, change: Callable[[dict[str, Any]], object]) -> None:
    """Change servers.json."""
    content = json.loads((host.base_dir / "conf/servers.json").read_text())
    change(content)
    host.write("servers.json", json.dumps(content))


UNCLEAR: dict[str, tuple[Callable[[Original], object], str]] = {
    "bad address": (
        lambda h: spoil_servers(h, lambda c: c["a.test"]["1"].update(ip="10.0.0.300")),
        "servers.json, a.test[1]: ip: '10.0.0.300' is not an IP address",
    ),
    "unknown domain": (
        lambda h: spoil_servers(h, lambda c: c.update({"z.test": {"1": {"ip": "10.0.0.1"}}})),
        "servers.json, z.test[1]: It belongs to no domain or pool that is known.",
    ),
    "not json": (lambda h: h.write("servers.json", "{"), "servers.json, the whole file: It is not"),
    "no server": (
        lambda h: spoil_servers(h, lambda c: c["a.test"].pop("2")),
        "HAProxy, pool_3_2: It runs with",
    ),
    "another pool runs": (
        lambda h: h.ask(f"set map {h.map_path()} b.test pool_8"),
        "HAProxy, b.test: It runs in pool_8, but should be in pool_7.",
    ),
    "foreign route": (
        lambda h: h.ask(f"add map {h.map_path()} y.test static"),
        "HAProxy, y.test: y.test is routed to static",
    ),
    "bad line": (
        lambda h: h.write("domains.map", "a.test pool_3\nwww.a.test pool_3\nb.test pool_7\nq\n"),
        "domains.map, q:",
    ),
}


@pytest.mark.haproxy("3.2")
@pytest.mark.parametrize("name", UNCLEAR)
def test_unclear_entries(original: Original, name: str) -> None:
    """Nothing is changed, and the message says what is unclear and where."""
    original.write_json()
    UNCLEAR[name][0](original)
    before = original.runtime(), original.files()
    message = original.fails("haproxy_state", **TASK)
    assert UNCLEAR[name][1] in message and "force=true" in message, message
    assert (original.runtime(), original.files()) == before
    assert not (original.base_dir / "conf/haproxy_mcp.db").exists()


@pytest.mark.haproxy("3.2")
def test_told_to_leave_out(original: Original) -> None:
    """With force the rest is taken, and each entry says what became of it."""
    original.write_json()
    spoil_servers(original, lambda c: c.update({"z.test": {"1": {"ip": "10.0.0.1"}}}))
    done = original.module("haproxy_state", **TASK, force=True)
    left = [entry for entry in done["entries"] if not entry["taken"]]
    assert [entry["entry"] for entry in left] == ["z.test[1]"]
    assert original.get("a.test").status == 200


@pytest.mark.haproxy("3.2")
def test_the_role_alone_changes_nothing(original: Original) -> None:
    """An instance is not made where it would take routes away."""
    message = original.fails("haproxy_instance", pool_count=12)
    assert "domains.map routes a.test already" in message and "state=migrated" in message
    original.write_database()
    message = original.fails("haproxy_instance", pool_count=12)
    assert "is not a database of inouter.haproxy" in message and "state=migrated" in message
    assert original.get("a.test").status == 200
