# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever restarts HAProxy: it comes back right with nobody's help."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .lab.children import wait_until
from .lab.http import Sample, poll
from .lab.managed import Managed

Start = Callable[..., list[dict[str, Any]]]
HOSTS = {
    "example.com": "one\n",
    "any.example.com": "two\n",
    "www.test": "one\n",
    "weighted.test": "three\n",
}


@pytest.fixture
def routed(managed: Managed, named_origins: Start) -> Managed:
    """Give a HAProxy with domains of every kind."""
    one, two, three = named_origins("one", "two", "three")
    managed.module("haproxy_domain", domain="example.com", **one)
    managed.module("haproxy_domain", domain="*.example.com", **two)
    managed.module("haproxy_domain", domain="www.test", share_with="example.com")
    servers = [{**three, "weight": 7}, {**one, "state": "drain"}, {**two, "state": "maint"}]
    managed.module("haproxy_domain", domain="weighted.test", servers=servers)
    return managed


Found = dict[str, list[Sample]]


def polled(managed: Managed, within: float) -> tuple[Found, list[threading.Thread]]:
    """Ask for every host each 10 ms in the background."""
    found: Found = {}

    def ask(host: str) -> None:
        found[host] = poll(managed.http, host, 0.01, within=within)

    threads = [threading.Thread(target=ask, args=(host,)) for host in HOSTS]
    for thread in threads:
        thread.start()
    return found, threads


def wrong(found: Found) -> list[tuple[str, Sample]]:
    """Answers that are not what they should be; a refused connection is no answer."""
    return [
        (host, sample)
        for host, samples in found.items()
        for sample in samples
        if sample.answer and (sample.answer.status, sample.answer.body) != (200, HOSTS[host])
    ]


def test_killed_and_started(routed: Managed) -> None:
    """SIGKILL to master and worker; the very first answer of every domain is right."""
    routed.process.kill()
    found, threads = polled(routed, 1.5)
    routed.start()
    for thread in threads:
        thread.join()
    assert wrong(found) == []
    assert all(any(sample.answer for sample in samples) for samples in found.values())
    assert not routed.check("haproxy_state")["changed"]


def test_reload(routed: Managed) -> None:
    """A reload by the module loses nothing, is seen at the new worker, and needs no repair."""
    found, threads = polled(routed, 1.5)
    before = routed.process.worker()
    done = routed.module("haproxy_config", state="reloaded")
    for thread in threads:
        thread.join()
    assert wrong(found) == [] and all(s.answer for samples in found.values() for s in samples)
    assert (done["worker_before"], done["worker"]) == (before, routed.process.worker())
    assert done["verified"] and done["worker"] != before
    assert not routed.check("haproxy_state")["changed"]


def test_reload_by_somebody_else(routed: Managed) -> None:
    """SIGUSR2 from anybody: right answers, no difference."""
    found, threads = polled(routed, 1.5)
    routed.process.reload()
    for thread in threads:
        thread.join()
    assert wrong(found) == []
    assert not routed.check("haproxy_state")["changed"]


def test_bad_configuration_is_not_loaded(routed: Managed) -> None:
    """Check and reload fail with HAProxy's own words; the old worker serves on."""
    config = routed.base_dir / "conf/haproxy.cfg"
    good = config.read_text()
    config.write_text(f"{good}\nbackend broken\n    nonsense here\n")
    worker = routed.process.worker()
    for state in ("checked", "reloaded"):
        assert "unknown keyword 'nonsense'" in routed.fails("haproxy_config", state=state)
    assert routed.process.worker() == worker
    assert routed.get("example.com").body == "one\n"
    config.write_text(good)
    assert not routed.module("haproxy_config")["changed"]


def test_what_was_changed_and_not_loaded_is_known(routed: Managed) -> None:
    """A role that was cut off between the two: its next run reloads, and the one after does not."""
    config = routed.base_dir / "conf/haproxy.cfg"
    assert not routed.module("haproxy_instance")["reload_needed"]
    wait_until(lambda: touched(routed, config), 5, "the file is newer than the worker")
    routed.module("haproxy_config", state="reloaded")
    assert not routed.module("haproxy_instance")["reload_needed"]


def touched(managed: Managed, config: Path) -> bool:
    """Write the file again, and tell whether a reload is needed then."""
    config.write_text(config.read_text())
    return bool(managed.module("haproxy_instance")["reload_needed"])
